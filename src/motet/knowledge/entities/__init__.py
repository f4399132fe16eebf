"""From a prepared version to the graph: names, values, relations, and where each stands."""
