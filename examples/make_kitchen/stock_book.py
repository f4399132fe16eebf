"""The workbook of April 2025: products, stock, customer orders, dealers."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from make_kitchen.bom import Bom
from make_kitchen.catalogue import PRODUCTS
from make_kitchen.frozen import write_frozen

Row = tuple[object, ...]

_DEALERS: tuple[Row, ...] = (
    ("D-01", "Möbelhaus Grewe", "Hannover", "Germany", "Annika Grewe", 0.22, 2001),
    ("D-02", "The Oak Room", "Bristol", "United Kingdom", "Rupert Fane", 0.20, 2014),
    ("D-03", "Meubles Lacombe", "Lyon", "France", "Odile Lacombe", 0.20, 2010),
    ("D-04", "Fjell Interiør", "Bergen", "Norway", "Sindre Haugland", 0.18, 2017),
    ("D-05", "Casa Bianchi", "Milan", "Italy", "Giulia Bianchi", 0.20, 2012),
    ("D-06", "Nordholz Korea", "Seoul", "South Korea", "Han Seojin", 0.28, 2022),
    ("D-07", "Shanghai Nuohuo Home Furnishing", "Shanghai", "China", "Zhou Qiming", 0.28, 2020),
    ("D-08", "Wohnwerk Oster", "Salzburg", "Austria", "Clemens Oster", 0.18, 2019),
)

_ORDERS: tuple[tuple[str, int, str, str, int, str], ...] = (
    ("SO-25-0131", 1, "D-01", "LN-80", 24, "delivered"),
    ("SO-25-0132", 1, "D-02", "FJ-60", 36, "delivered"),
    ("SO-25-0133", 2, "D-06", "MS-65", 90, "delivered"),
    ("SO-25-0134", 3, "D-03", "BK-180", 8, "in production"),
    ("SO-25-0135", 3, "D-07", "BK-180", 30, "in production"),
    ("SO-25-0136", 4, "D-05", "TR-150", 6, "waiting for parts"),
    ("SO-25-0137", 7, "D-01", "OS-45", 40, "waiting for parts"),
    ("SO-25-0138", 7, "D-04", "BK-180", 5, "in production"),
    ("SO-25-0139", 8, "D-08", "SV-210", 12, "waiting for parts"),
    ("SO-25-0140", 9, "D-02", "KV-140", 20, "delivered"),
    ("SO-25-0141", 9, "D-06", "TR-150", 4, "waiting for parts"),
    ("SO-25-0142", 10, "D-03", "LN-80", 30, "on hold"),
    ("SO-25-0143", 11, "D-07", "KV-140", 60, "in production"),
    ("SO-25-0144", 14, "D-05", "FJ-60", 48, "in production"),
    ("SO-25-0145", 14, "D-01", "MS-65", 32, "shipped"),
    ("SO-25-0146", 15, "D-04", "LN-80", 10, "on hold"),
    ("SO-25-0147", 16, "D-08", "OS-45", 18, "waiting for parts"),
    ("SO-25-0148", 17, "D-02", "BK-180", 7, "in production"),
    ("SO-25-0149", 22, "D-06", "FJ-60", 60, "in production"),
    ("SO-25-0150", 22, "D-03", "KV-140", 14, "shipped"),
    ("SO-25-0151", 24, "D-07", "TR-150", 9, "waiting for parts"),
    ("SO-25-0152", 25, "D-05", "MS-65", 24, "shipped"),
    ("SO-25-0153", 28, "D-01", "SV-210", 16, "waiting for parts"),
    ("SO-25-0154", 29, "D-04", "FJ-60", 22, "in production"),
    ("SO-25-0155", 30, "D-08", "LN-80", 12, "in production"),
)

_SCARCE = {"RN-450": 255, "RN-500": 40, "HG-110": 5120, "ES-90": 61, "GS-65": 318, "TR-W2": 11}


def write(path: Path, bom: Bom) -> None:
    """Write the workbook with its four sheets."""
    book = Workbook()
    products = book.active
    products.title = "Products"
    _fill(products, ("model", "name", "kind", "list_price_eur", "made_in"), _product_rows())
    stock = book.create_sheet("Stock")
    columns = ("part_id", "part_name", "supplier_id", "bin", "on_hand", "minimum", "counted_on")
    _fill(stock, columns, _stock_rows(bom))
    orders = book.create_sheet("Orders")
    columns = (
        "order",
        "date",
        "dealer_id",
        "model",
        "quantity",
        "unit_price_eur",
        "total_eur",
        "status",
    )
    _fill(orders, columns, _order_rows())
    dealers = book.create_sheet("Dealers")
    columns = ("dealer_id", "name", "city", "country", "contact", "discount", "since")
    _fill(dealers, columns, _DEALERS)
    book.properties.creator = "Nordholz GmbH, purchasing"
    buffer = io.BytesIO()
    book.save(buffer)
    write_frozen(path, buffer.getvalue())


def _product_rows() -> tuple[Row, ...]:
    return tuple((p.model, p.name, p.kind, p.price, p.made_in) for p in PRODUCTS)


def _stock_rows(bom: Bom) -> tuple[Row, ...]:
    rows: list[Row] = []
    for number, part in enumerate(bom.distinct()):
        minimum = 50 + (number * 37) % 400
        on_hand = _SCARCE.get(part.part_id, minimum + (number * 191) % 1300)
        rack = f"{'ABCDEF'[number % 6]}{number // 6 + 1:02d}"
        counted = date(2025, 4, 22) + timedelta(days=number % 7)
        rows.append((part.part_id, part.name, part.supplier_id, rack, on_hand, minimum, counted))
    return tuple(rows)


def _order_rows() -> tuple[Row, ...]:
    prices = {product.model: product.price for product in PRODUCTS}
    discounts = {str(dealer[0]): float(str(dealer[5])) for dealer in _DEALERS}
    rows: list[Row] = []
    for order, day, dealer, model, quantity, status in _ORDERS:
        price = round(prices[model] * (1 - discounts[dealer]), 2)
        total = round(price * quantity, 2)
        rows.append((order, date(2025, 4, day), dealer, model, quantity, price, total, status))
    return tuple(rows)


def _fill(sheet: Worksheet, columns: tuple[str, ...], rows: tuple[Row, ...]) -> None:
    sheet.append(columns)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2F4A3C")
    for index, column in enumerate(columns, start=1):
        longest = max(len(column), *(len(str(row[index - 1])) for row in rows))
        sheet.column_dimensions[get_column_letter(index)].width = longest + 3
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
