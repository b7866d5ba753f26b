#!/usr/bin/env python3
"""frontdesk-demo against the embedded bus: all its outcomes, and that a wrong one is told."""

import subprocess
import unittest

import harness


def run_demo(folder, *flags):
    return subprocess.run(
        [harness.BINARY / "tools/demo/frontdesk-demo",
         f"--frontdeskd={harness.BINARY / 'services/suite/frontdeskd'}",
         f"--data_dir={folder / 'demo'}", harness.MODELS, *flags],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200, text=True, check=False,
    )


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.folder = harness.make_folder()
        self.addCleanup(harness.remove, self.folder)

    def test_every_outcome_is_as_expected(self):
        done = run_demo(self.folder, f"--tenants_file={harness.TENANTS}", *harness.ANY_PORTS)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^(\d+) of \1 outcomes are as expected")
        self.assertIn("退款", done.stdout)
        self.assertIn("clock FIRST_RESPONSE   RUNNING, target 1h", done.stdout)

    def test_a_wrong_outcome_is_told_and_fails(self):
        # Half the price of a message: everything goes on, and the invoice is not what was expected.
        wrong = self.folder / "tenants.yaml"
        text = harness.tenants_text()
        self.assertIn('message_price: "0.002"', text)
        text = text.replace('message_price: "0.002"', 'message_price: "0.001"')
        wrong.write_text(text, encoding="utf-8")
        done = run_demo(self.folder, f"--tenants_file={wrong}", *harness.ANY_PORTS)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("WRONG: total in micros\n    expected: 100636000\n    got:      100618000",
                      done.stdout)

    def test_a_port_that_is_taken_is_named(self):
        first = harness.Frontdeskd(self.folder)
        self.addCleanup(first.kill)
        for flag, address in (("grpc_listen", first.grpc),
                              ("channel.http_listen", first.http),
                              ("metrics_listen", first.metrics_url.split("/")[2])):
            flags = [each for each in harness.ANY_PORTS if not each.startswith(f"--{flag}=")]
            done = run_demo(self.folder, f"--tenants_file={harness.TENANTS}", *flags,
                            f"--{flag}={address}")
            self.assertNotEqual(done.returncode, 0, flag)
            self.assertIn(address, done.stdout, flag)
            harness.remove(self.folder / "demo")

    def test_a_folder_with_something_in_it_is_refused(self):
        (self.folder / "demo").mkdir()
        (self.folder / "demo/precious").write_text("", encoding="utf-8")
        done = run_demo(self.folder, f"--tenants_file={harness.TENANTS}", *harness.ANY_PORTS)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("is not empty", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
