"""Progress where people see it: a terminal, a notebook. And the notebook of the examples."""
import os
import pty
import subprocess
import sys
import unittest
from pathlib import Path

import nbclient
import nbformat

from case import Case

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
SLOW = """
    sleep 0.5
    printf 'phase adding\\nread 5 of 20 files\\n' >$WEIR_PROGRESS
    sleep 0.5
    echo '{"plan": {}, "report": {"result_rows": 0}}'"""
CALL = "import weir\nweir.sum('x', agg='sum:v', output='out'{})"


class TestTerminal(Case):
    def drawn(self, options="", **environment):
        """What a sum draws on a terminal."""
        self.program(SLOW)
        self.environment(**environment)
        master, slave = pty.openpty()
        child = subprocess.Popen([sys.executable, "-c", CALL.format(options)], stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        parts = []
        try:
            while True:
                parts.append(os.read(master, 4096))
        except OSError:  # the other end is closed
            pass
        os.close(master)
        self.assertEqual(child.wait(), 0)
        return b"".join(parts).decode()

    def test_a_line_that_goes(self):
        text = self.drawn(TERM="xterm")
        self.assertIn("\rweir: adding, 25 % of 20 files\033[K", text)
        self.assertTrue(text.endswith("\r\033[K"), repr(text))
        self.assertNotIn("\n", text)

    def test_nothing_where_it_is_not_wanted(self):
        self.assertEqual(self.drawn(", progress=False", TERM="xterm"), "")
        self.assertEqual(self.drawn(TERM="dumb"), "")

    def test_nothing_without_a_terminal(self):
        self.program(SLOW)
        status, out, err = self.python(CALL.format(""))
        self.assertEqual((status, out, err), (0, "", ""))


class TestNotebook(Case):
    def run_cells(self, notebook):
        nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(self.folder)}}).execute()
        return notebook

    def test_display(self):
        """One display that is updated, and says at last that it is over."""
        self.program(SLOW.replace("sleep 0.5", "sleep 1"))
        cells = [nbformat.v4.new_code_cell(f"shown = []\n{CALL.format('')}\nNone")]
        notebook = self.run_cells(nbformat.v4.new_notebook(cells=cells))
        displays = [output for output in notebook.cells[0].outputs if output.output_type == "display_data"]
        self.assertEqual([output["data"]["text/plain"] for output in displays], ["weir: done"])

    def test_callable(self):
        self.program(SLOW)
        cell = nbformat.v4.new_code_cell(f"told = []\n{CALL.format(', progress=told.append')}\n"
                                         "print(told[-1]['phase'], told[-1]['done'])")
        output, = self.run_cells(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
        self.assertEqual(output["text"], "adding 5\n")

    def test_example(self):
        notebook = self.run_cells(nbformat.read(EXAMPLES / "sum.ipynb", as_version=4))
        self.assertTrue(all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code"))

    def test_example_is_kept_without_outputs(self):
        for cell in nbformat.read(EXAMPLES / "sum.ipynb", as_version=4).cells:
            self.assertFalse(cell.get("outputs"), cell.source)


if __name__ == "__main__":
    unittest.main()
