"""Draws labels that scan, on sheets and rolls as PDF, and as ZPL: dataclasses in, bytes out.

label = Label("T483134562451", "tube", ("8 mL SST", "Red and gray", "1SS08", "K 5520 1837 46-09"))
pdf = sheet_pdf([label], load_stocks("config/stocks.toml")["avery-5160"], start=4)
"""

from labels.blank_form import (
    BlankForm,
    BlankTube,
    FormWords,
    Instructions,
    blank_forms_pdf,
    prove_blank_forms,
)
from labels.calibration import calibration_pdf, calibration_steps
from labels.errors import LabelError
from labels.layout import layouts_fit, symbols_of
from labels.model import Correction, Label, Stock, Symbology
from labels.pdf import roll_pdf, sheet_pdf
from labels.png import png
from labels.proof import ProofFailed, prove_pdf
from labels.requisition import Requisition, RequisitionTube, prove_requisition, requisition_pdf
from labels.spelling import readable
from labels.stocks import load_stocks
from labels.svg import svg
from labels.templates import TEMPLATES, template_named
from labels.zpl import zpl
from labels.zpl_proof import prove_zpl

__all__ = [
    "TEMPLATES",
    "BlankForm",
    "BlankTube",
    "Correction",
    "FormWords",
    "Instructions",
    "Label",
    "LabelError",
    "ProofFailed",
    "Requisition",
    "RequisitionTube",
    "Stock",
    "Symbology",
    "blank_forms_pdf",
    "calibration_pdf",
    "calibration_steps",
    "layouts_fit",
    "load_stocks",
    "png",
    "prove_blank_forms",
    "prove_pdf",
    "prove_requisition",
    "prove_zpl",
    "readable",
    "requisition_pdf",
    "roll_pdf",
    "sheet_pdf",
    "svg",
    "symbols_of",
    "template_named",
    "zpl",
]
