"""What models do beside chat: embeddings, reranking, speech, pictures, moderation.

Each module reads a client's request, writes that of a provider, reads its answer with what
it used, and writes the client's answer. Nothing here connects to anything.
"""
