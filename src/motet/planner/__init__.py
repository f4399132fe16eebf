"""From what is wanted to how it is done: logical plan, rewrite rules, choices by cost."""
