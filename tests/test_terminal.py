"""No result is lost because it could not be printed, and what a terminal lacks is spelt."""

import os
import signal
import subprocess
import sys
import time
import unicodedata

import numpy as np
import pandas as pd
import pytest

from lingauss.terminal import LEGIBLE, screen

SAVED = 16  # files of an analysis


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.standard_normal((40, 3)), columns=["age", "=1+1", "größe"])
    path = tmp_path_factory.mktemp("data") / "d.csv"
    frame.assign(price=frame.sum(axis=1) + rng.standard_normal(40)).to_csv(path, index=False)
    return path


def analyze(data, out, **options):
    command = [sys.executable, "-m", "lingauss", "analyze", str(data), "--targets", "price", "--out", str(out)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, **options)


def saved(out):
    return len([name for name in os.listdir(out) if not name.startswith(".")])


def test_a_reader_that_leaves_costs_no_result(data, tmp_path):
    with analyze(data, tmp_path / "out", stdout=subprocess.PIPE) as process:
        process.stdout.close()
        error = process.stderr.read()
    assert (process.returncode, error) == (141, b"")
    assert saved(tmp_path / "out") == SAVED


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_output_is_told():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lingauss", "--help"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (2, b"error: standard output: No space left on device\n")


def test_an_output_that_is_closed_is_no_error():
    command = ["/bin/sh", "-c", '"$0" -m lingauss --help >&-', sys.executable]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_of_few_characters_and_a_backend_that_does_not_exist_cost_no_result(data, tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "MPLBACKEND": "no-such-backend"}
    with analyze(data, tmp_path / "out", stdout=subprocess.PIPE, env=environment) as process:
        printed, error = process.communicate()
    assert (process.returncode, error) == (0, b"")
    assert b"R^2 ." in printed
    assert b"start with report.html" in printed
    assert saved(tmp_path / "out") == SAVED
    table = (tmp_path / "out" / "coefficients.csv").read_text(encoding="utf-8")
    assert "\n'=1+1," in table  # no formula in a spreadsheet


def test_a_terminated_command_cleans_up(tmp_path):
    script = "from lingauss.terminal import screen; import time\nwith screen():\n    try:\n"
    script += "        print('here', flush=True); time.sleep(60)\n    finally:\n        open('clean', 'w').close()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout.read(4) == b"here"
        time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 143
    assert os.listdir(tmp_path) == ["clean"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "utf-8"])
def test_every_character_can_be_printed(encoding):
    with screen():
        for start in range(0, 0x3000, 0x100):
            text = "".join(map(chr, range(start, start + 0x100)))
            assert len(text.encode(encoding, LEGIBLE)) >= len(text) // 4
        assert "τν² – ‖β‖ ≤ Ω".encode("ascii", LEGIBLE) == b"taunu^2 - ||beta|| <= Omega"
        letters = [chr(code) for code in range(0x391, 0x3CA) if unicodedata.name(chr(code), "").startswith("GREEK")]
        assert all(letter.encode("ascii", LEGIBLE).isalpha() for letter in letters)
