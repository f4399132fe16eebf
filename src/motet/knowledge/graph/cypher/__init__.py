"""The reading half of openCypher, over the entities and relations of a store."""
