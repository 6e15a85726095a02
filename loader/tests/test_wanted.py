"""Run with: python -m unittest discover -s loader/tests"""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "src"))

from mews_loader import errors, wanted  # noqa: E402


class WantedPython(unittest.TestCase):
    def version(self, text, symbol=None):
        with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
            file.write(text)
        self.addCleanup(os.unlink, file.name)
        return wanted.literal_version(file.name, symbol)

    def test_reads_a_class_keyword(self):
        self.assertEqual("3.11", self.version('class A(fal.App, python_version="3.11.4"): ...'))

    def test_reads_a_decorator(self):
        text = '@fal.function(python_version="3.10")\ndef f(): ...'
        self.assertEqual("3.10", self.version(text, "f"))

    def test_reads_only_the_symbol_that_was_asked_for(self):
        text = 'class A(fal.App, python_version="3.11"): ...\nclass B(fal.App): ...'
        self.assertIsNone(self.version(text, "B"))

    def test_leaves_what_is_no_literal_to_the_loader(self):
        self.assertIsNone(self.version("class A(fal.App, python_version=VERSION): ..."))

    def test_leaves_a_broken_file_to_the_loader(self):
        self.assertIsNone(self.version("class A(:"))


class Explained(unittest.TestCase):
    def explain(self, text):
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "app.py")
        with open(path, "w") as file:
            file.write(text)
        try:
            exec(compile(text, path, "exec"), {})
        except BaseException as exc:
            return errors.explain(exc, {"file": path, "symbol": None})
        self.fail("nothing was raised")

    def test_names_the_line_of_the_user(self):
        error = self.explain("x = 1\ny = x / 0\n")
        self.assertEqual("raised", error["kind"])
        self.assertIn("app.py:2: ZeroDivisionError", error["message"])
        self.assertNotIn("test_wanted.py", error["traceback"])

    def test_names_what_is_installed_rather_than_what_is_imported(self):
        error = self.explain("import sklearn_of_nobody\n")
        self.assertEqual("missing_import", error["kind"])
        self.assertIn("pip install sklearn_of_nobody", error["message"])
        self.assertEqual("scikit-learn", errors.INSTALLED_AS["sklearn"])

    def test_tells_a_file_beside_the_app_from_a_missing_package(self):
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "app.py")
        open(os.path.join(folder, "helper_of_app.py"), "w").close()
        try:
            exec(compile("import helper_of_app", path, "exec"), {})
        except ModuleNotFoundError as exc:
            message = errors.explain(exc, {"file": path, "symbol": None})["message"]
        self.assertIn(f"Run from {folder}", message)


if __name__ == "__main__":
    unittest.main()
