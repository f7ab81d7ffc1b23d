"""Press releases of companies that do not exist."""

from __future__ import annotations

from earnings.vocabulary import Company

PINE = Company("PINE", "Pinewood Outfitters, Inc.", 1999001, "0131", "Apparel", is_sample=True)
HARBOR = Company("HRBR", "Harbor Grocers, Inc.", 1999002, "0131", "Grocery", is_sample=True)


def release(
    company: Company = PINE,
    sales: str = "1,204.6",
    eps: str = "1.42",
    *,
    order: str = "",
    row: str = "",
) -> bytes:
    """A quarter's results as HTML; `sales` in millions. `order`: a paragraph above its statements;
    `row`: one of the statements' rows."""
    return f"""<html><body>
<p><b>{company.name} Reports Third Quarter Fiscal 2026 Results</b></p>
<p>PORTLAND, Ore., November 19, 2026 -- {company.name} (NYSE: {company.ticker}) today reported
financial results for the third quarter ended October 31, 2026.</p>
<p>Net sales were ${sales} million, an increase of 4.1% compared with the third quarter of
fiscal 2025. Diluted earnings per share were ${eps} compared with $1.31 a year ago.</p>
<p>"Tariffs raised our costs in the quarter, and we offset most of them with sharper
promotions," said Jane Alder, chief executive officer.</p>
<p>For fiscal 2026 the company now expects diluted earnings per share of $5.10 to $5.30,
compared with its previous outlook of $4.90 to $5.20.</p>
{order}<p><b>CONDENSED CONSOLIDATED STATEMENTS OF INCOME</b><br>
(in millions, except per share data) (unaudited)</p>
<table>
<tr><td></td><td colspan="2">Thirteen Weeks Ended</td></tr>
<tr><td></td><td>October 31, 2026</td><td>November 1, 2025</td></tr>
<tr><td>Net sales</td><td>$ {sales}</td><td>$ 1,157.2</td></tr>
{row}<tr><td>Cost of sales</td><td>741.0</td><td>718.3</td></tr>
<tr><td>Gross profit</td><td>463.6</td><td>438.9</td></tr>
<tr><td>Operating income</td><td>118.2</td><td>109.5</td></tr>
<tr><td>Net income</td><td>$ 88.4</td><td>$ 82.1</td></tr>
<tr><td>Diluted earnings per share</td><td>$ {eps}</td><td>$ 1.31</td></tr>
</table></body></html>""".encode()


NO_RESULTS = b"""<html><body><p>Pinewood Outfitters, Inc. (NYSE: PINE) today announced that its
board of directors has appointed Robin Birch as chief financial officer, effective January 4,
2027. Ms. Birch succeeds Alex Cedar, who retires after eleven years with the company.</p>
</body></html>"""
