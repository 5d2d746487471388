"""What a run prints at its end, read back: every finding beside its figure, and where the files are."""

import re


def assert_tells(screen, directory, written, files_each):
    """The screen names every figure of a whole first run with its finding, and counts the files."""
    assert screen.startswith(f"Drawing {len(written)} figures for {directory}")
    rows, told = {}, None
    for line in screen.splitlines()[4:]:
        name, _, rest = line.partition("  ")
        if not line or line[0].isdigit():
            break
        told = name.strip() or told
        rows[told] = f"{rows.get(told, '')} {rest.strip()}".strip()
    assert rows == {one.name: one.finding for one in written}
    count = files_each * len(written)
    summary = " ".join(screen[screen.index(f"\n{count} files") :].split())
    where = f"{count} files in {directory}, all told in {directory / 'report.html'}; 0 of {len(written)} figures"
    assert re.sub(r"\s", "", summary).startswith(re.sub(r"\s", "", f"{where} stay as they were ("))
