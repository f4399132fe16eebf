"""The catalogue: what models cost and can do, and which local servers offer some."""

from motet.models.catalogue.card import Card, Modality
from motet.models.catalogue.catalogue import card, declared, of
from motet.models.catalogue.pricing import FREE, Pricing

__all__ = ["FREE", "Card", "Modality", "Pricing", "card", "declared", "of"]
