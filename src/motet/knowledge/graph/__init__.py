"""The graph of the store: Cypher, traversal, and passages found along relations."""
