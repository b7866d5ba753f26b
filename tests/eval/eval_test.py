#!/usr/bin/env python3
"""frontdesk-eval on a made-up set in the shape of a public one: the table, the JSON, what is missing."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("FRONTDESK_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = pathlib.Path(os.environ.get("FRONTDESK_BINARY_DIR", SOURCE / "build/dev"))


class Eval(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="frontdesk-eval-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "sms_spam").mkdir()
        rows = [f"ham\tsee you at home number {i} tonight" for i in range(30)]
        rows += [f"spam\tWIN a free prize now call {i} cash" for i in range(30)]
        rows += ["ham\ttoo\tmany fields"]
        (self.folder / "sms_spam/sms.tsv").write_text("\n".join(rows) + "\n")

    def run_eval(self, *arguments, code):
        done = subprocess.run(
            [BINARY / "tests/eval/frontdesk-eval", self.folder, *arguments, "--models=nowhere",
             f"--cache={self.folder}/cache"],
            capture_output=True, text=True, timeout=120, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_a_set_gives_rows_in_the_table_and_in_the_json(self):
        out = self.folder / "out.json"
        done = self.run_eval("sms_spam", f"--json={out}", code=0)
        self.assertIn("| sms_spam     | accuracy", done.stdout)
        self.assertIn("1 rows refused", done.stderr)
        rows = json.loads(out.read_text())["rows"]
        self.assertEqual([(row["set"], row["metric"]) for row in rows],
                         [("sms_spam", "accuracy"), ("sms_spam", "macro_f1")])
        self.assertEqual(rows[0]["value"], 1.0)
        self.assertEqual(rows[0]["baseline"], 0.9919)
        self.assertEqual(rows[0]["sparse"], 1.0)

    def test_counts_are_whole_numbers_and_none_is_shown_as_0(self):
        (self.folder / "jddc").mkdir()
        chats = [f"s{i}\tu\t{i % 2}\t\t\t\t{['您好，有什么可以帮您', '订单4711到哪了'][i % 2]}"
                 for i in range(40)]
        chats[1] = "s1\tu\t1\t\t\t\twhere is my order please"
        (self.folder / "jddc/jddc2019_chat_0.1per.txt").write_text("\n".join(chats) + "\n")
        table = self.run_eval("jddc", code=0).stdout
        both = {}
        for line in table.splitlines()[2:]:
            cells = [cell.strip() for cell in line.split("|")]
            both[cells[2]] = cells[5]
        self.assertEqual(both["texts"], "40")
        self.assertEqual(both["refused_rows"], "0")
        self.assertEqual(both["texts_en"], "1")
        self.assertRegex(both["speaker_accuracy"], r"^\d+\.\d\d$")

    def test_the_second_run_encodes_nothing(self):
        self.assertIn("60 vectors made anew", self.run_eval("sms_spam", code=0).stderr)
        self.assertIn(" 0 vectors made anew", self.run_eval("sms_spam", code=0).stderr)

    def test_a_store_that_was_cut_is_mended(self):
        self.run_eval("sms_spam", code=0)
        for path in (self.folder / "cache").iterdir():
            path.write_bytes(path.read_bytes()[:-7])
        self.assertIn(" 1 vectors made anew", self.run_eval("sms_spam", code=0).stderr)

    def test_the_nearest_of_a_few_sentences_are_found_in_two_steps_and_by_all_the_lists(self):
        done = self.run_eval("nearest", code=0)
        both = {}
        for line in done.stdout.splitlines()[2:]:
            cells = [cell.strip() for cell in line.split("|")]
            both[cells[2]] = cells[5]
        self.assertEqual(both["en_articles"], "54")  # 60 sentences, a tenth of them asks
        self.assertEqual(both["en_two_steps_above"], "27")
        for metric in ("en_as_exact", "en_recall_ivf128", "en_few_top_1", "en_few_recall_ivf128"):
            self.assertGreaterEqual(float(both[metric]), 95, metric)
        self.assertNotIn("zh_articles", both)

    def test_a_missing_set_is_told_and_the_others_are_measured(self):
        done = self.run_eval("banking77", "sms_spam", code=1)
        self.assertIn("banking77 is left out", done.stderr)
        self.assertIn("| sms_spam", done.stdout)

    def test_an_unknown_set_is_refused_with_those_there_are(self):
        done = self.run_eval("banking78", code=2)
        self.assertIn("there is no set banking78; there are banking77", done.stderr)


if __name__ == "__main__":
    unittest.main()
