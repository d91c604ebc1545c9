"""Make `data/*.csv` from an installed `bokeh_sampledata`; for maintainers, see README.md.

The package keeps all its daily bars in one compressed CSV. Its bytes are compared with the ones that were
reviewed, because releases before 2026.1 carry another source under another licence.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
COLUMNS = ("date", "open", "high", "low", "close", "volume", "adj_close")
SOURCE_HEADER = ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"]
# The uncompressed file, as recorded in the package's own inventory of licences (2026.1).
SOURCE_SHA256 = "e73fe05d106b7da1abe8f947264c514afd02cef5c9db4864b9437c84d6bd6069"
DATA = Path(__file__).parent / "data"


def source_path() -> Path:
    """Find the compressed CSV without importing the package, which would need pandas."""
    spec = find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        sys.exit("bokeh_sampledata is not installed: pip install --no-deps 'bokeh_sampledata>=2026.1'")
    return Path(spec.origin).parent / "_data" / "stocks.csv.gz"


def read_source(path: Path) -> str:
    content = gzip.decompress(path.read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit(f"{path} is not the reviewed file (sha256 {digest}): check its source and licence first")
    return content.decode("utf-8")


def bars_of(symbol: str, rows: Iterable[Sequence[str]]) -> str:
    """One symbol's bars as CSV: the source's own digits, but six decimals of the adjusted close."""
    lines = [",".join(COLUMNS)]
    for ticker, *bar, adjusted in rows:
        if ticker == symbol:
            lines.append(",".join([*bar, f"{float(adjusted):.6f}"]))
    return "\n".join(lines) + "\n"


def main() -> None:
    header, *rows = csv.reader(io.StringIO(read_source(source_path())))
    if header != SOURCE_HEADER:
        sys.exit(f"unexpected columns: {', '.join(header)}")
    DATA.mkdir(exist_ok=True)
    for symbol in SYMBOLS:
        (DATA / f"{symbol}.csv").write_text(bars_of(symbol, rows), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
