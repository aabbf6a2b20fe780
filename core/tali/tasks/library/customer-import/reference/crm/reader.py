"""From the bytes of a file to rows whose columns have our names."""

import csv
import io
from collections.abc import Iterator

from crm.model import NotACustomerFile

HEADERS = {
    "email": ("email", "e-mail", "e-mail address"),
    "name": ("name", "customer", "company"),
    "since": ("customer since", "since", "signed up"),
    "revenue": ("revenue", "turnover"),
}
_COLUMNS = {header: column for column, headers in HEADERS.items() for header in headers}


def read_rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that holds anything: the line on which it begins, and our columns' values, trimmed.

    Raises NotACustomerFile.
    """
    text = _decode(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    positions = _positions(next(lines, []))
    if "email" not in positions:
        raise NotACustomerFile("there is no column for the e-mail")
    begins = lines.line_num + 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            yield begins, {
                column: cells[position].strip() if position < len(cells) else ""
                for column, position in positions.items()
            }
        begins = lines.line_num + 1


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    header = text.lstrip().partition("\n")[0]
    return max(";,", key=header.count)


def _positions(headers: list[str]) -> dict[str, int]:
    positions: dict[str, int] = {}
    for position, header in enumerate(headers):
        column = _COLUMNS.get(" ".join(header.lower().split()))
        if column is not None:
            positions.setdefault(column, position)
    return positions
