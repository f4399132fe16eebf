"""Writes every generated document."""

from __future__ import annotations

from pathlib import Path

from make_kitchen import (
    assembly_guide,
    handbook,
    legal,
    mails,
    price_list,
    product_pages,
    quarterly_review,
    safety_sheet,
    stock_book,
)
from make_kitchen.bom import read_bom

DOCUMENTS = Path(__file__).resolve().parent.parent / "kitchen" / "documents"


def main() -> None:
    """Write all generated documents below `examples/kitchen/documents`."""
    bom = read_bom(DOCUMENTS)
    assembly_guide.write(DOCUMENTS / "guides" / "fjord-60-assembly-guide.pdf", bom)
    safety_sheet.write(DOCUMENTS / "guides" / "hw-20-safety-data-sheet.pdf")
    price_list.write(DOCUMENTS / "prices" / "price-list-2025.pdf")
    legal.write_warranty(DOCUMENTS / "legal" / "warranty.docx")
    legal.write_supply_agreement(DOCUMENTS / "legal" / "carpathia-supply-agreement.docx")
    quarterly_review.write(DOCUMENTS / "reports" / "quarterly-review-2025-q1.pptx")
    stock_book.write(DOCUMENTS / "reports" / "stock-and-orders-2025-04.xlsx", bom)
    product_pages.write(DOCUMENTS / "products")
    mails.write(DOCUMENTS / "mail")
    handbook.write(DOCUMENTS / "handbook" / "wood-handbook.epub")


if __name__ == "__main__":
    main()
