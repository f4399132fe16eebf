"""The front door to all models: who may pass, what it may cost, what it did cost."""
