"""Where everything comes from, who may see it, and how it goes."""
