# SPDX-License-Identifier: ISC
"""The lab's scenarios as the tests see them: names, truths, answers, and what a report says of a walk."""
import glob, json, os, re, statistics
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEADLINE = {"works": "IT WORKS", "inconclusive": "NOT DECIDED", "smtp-not-used": "NOT SMTP"}
STATUS = {"works": 0, "inconclusive": 3}
# What the user of the story chooses at the result, one after the other.
SIGN_IN, SEND, STILL = "Test the sign-in too", "Send a test message to yourself", "It still fails"
WISHES = {"consent.login": SIGN_IN, "consent.send": SEND, "app.still_fails": STILL}
QUESTION = {SIGN_IN: "Test the sign-in?", SEND: "Send a test message?"}


class Scenario:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            data = yaml.load(f, yaml.BaseLoader)
        self.name = os.path.basename(path)[:-5]
        self.cause = data["cause"]
        self.answers = {k: v if isinstance(v, str) else ",".join(v) for k, v in (data.get("answers") or {}).items()}
        self.secret = data.get("secret") or {}
        self.wishes = [action for fact, action in WISHES.items() if self.answers.get(fact) == "yes"]
        self.status = STATUS.get(self.cause, 1)
        self.headline = HEADLINE.get(self.cause, "PROBLEM FOUND")


def scenarios(wanted=()):
    paths = sorted(glob.glob(os.path.join(ROOT, "playbooks/lab/*.yaml")))
    return [s for s in map(Scenario, paths) if not wanted or s.name in wanted]


def told_of(report, expected):
    """What a JSON report says; complains when its verdict is not the truth."""
    with open(report, encoding="utf-8") as f:
        told = json.load(f)
    found = told["verdict"]
    seen = "\n".join(f"{s['name']}: {s['outcome']} ({s['ms']} ms)" for s in told["steps"] if s["kind"] == "probe")
    assert found["cause"] == expected.cause, f"cause {found['cause']}, expected {expected.cause}\n{seen}"
    return told


class Questions:
    """How much was asked: of every walk, without what a test asked for twice by going back."""

    def __init__(self):
        self.counts = []

    def note(self, count):
        """The words for one result; None: the walk did not get far enough to say, or nobody was asked."""
        if count is None:
            return ""
        self.counts.append(count)
        return f", {count} question{'s' * (count != 1)}"

    def summary(self):
        if self.counts:
            print(f"# questions: median {statistics.median(self.counts):g}, most {max(self.counts)}", flush=True)


def wishes(scenario, result):
    """What is done at the first result: no sign-in where the way there is not fine."""
    return [] if SIGN_IN in scenario.wishes and SIGN_IN not in result else scenario.wishes


def action_of(wish, text):
    """The number before an action, as a string."""
    found = re.search(rf"(\d)  {re.escape(wish)}", text)
    assert found, f"no action: {wish}\n{text}"
    return found[1]


def one_line(text):
    return " ".join(text.split())


def headline_pattern(scenario, title):
    return re.escape(f"{scenario.headline} {one_line(title)}")
