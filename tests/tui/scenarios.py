# SPDX-License-Identifier: ISC
"""The lab's scenarios as the tests see them: names, truths, answers, and what a report says of a walk."""
import glob, json, os, re
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADLINE = {"works": "IT WORKS", "inconclusive": "NOT DECIDED", "smtp-not-used": "NOT SMTP"}
STATUS = {"works": 0, "inconclusive": 3}


class Scenario:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            data = yaml.load(f, yaml.BaseLoader)
        self.name = os.path.basename(path)[:-5]
        self.cause = data["cause"]
        self.answers = {k: v if isinstance(v, str) else ",".join(v) for k, v in (data.get("answers") or {}).items()}
        self.status = STATUS.get(self.cause, 1)
        self.headline = HEADLINE.get(self.cause, "PROBLEM FOUND")


def scenarios(wanted=()):
    paths = sorted(glob.glob(os.path.join(ROOT, "playbooks/lab/*.yaml")))
    return [s for s in map(Scenario, paths) if not wanted or s.name in wanted]


def verdict(report, expected):
    """The verdict of a JSON report; complains when it is not the truth."""
    with open(report, encoding="utf-8") as f:
        told = json.load(f)
    found = told["verdict"]
    seen = "\n".join(f"{s['name']}: {s['outcome']} ({s['ms']} ms)" for s in told["steps"] if s["kind"] == "probe")
    assert found["cause"] == expected.cause, f"cause {found['cause']}, expected {expected.cause}\n{seen}"
    return found


def one_line(text):
    return " ".join(text.split())


def headline_pattern(scenario, title):
    return re.escape(f"{scenario.headline} {one_line(title)}")
