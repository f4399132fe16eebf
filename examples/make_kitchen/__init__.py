r"""Writes the generated half of the sample documents in `examples/kitchen/documents`.

The texts (Markdown, plain text and the two CSV files) are written by hand; everything that
needs a library is made here from those CSV files and from `catalogue`, so that part numbers,
prices and names agree everywhere. The output is committed; the same code gives the same bytes.

Run from the repository root, in an environment of its own (the product needs none of this):

    pip install reportlab==5.1.0 python-docx==1.2.0 python-pptx==1.0.2 \
        openpyxl==3.1.5 pillow==13.0.0
    PYTHONPATH=examples python -m make_kitchen
"""
