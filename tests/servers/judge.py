"""Whether a report is as the contract says."""
import base64, glob, json, os, re, urllib.parse

import cases

STEPS = ("dns", "tcp", "tls", "cert", "auth_offered")


class Faults(list):
    def same(self, what, value, *wanted):
        if value not in wanted:
            self.append(f"{what} is {value!r}, not {' or '.join(map(repr, wanted))}")


def status(cause):
    return {"works": 0, "inconclusive": 3}.get(cause, 1)


def report(case, server, got, exit_status):
    """The list of what is not as the contract says."""
    verdict = got.get("verdict") or {}
    wrong = Faults()
    wrong.same("schema", got.get("schema"), "smtpwiz-report-1")
    wrong.same("verdict.cause", verdict.get("cause"), case.cause)
    wrong.same("verdict.blame", verdict.get("blame"), cases.BLAME[case.cause])
    wrong.same("verdict.fixed_by", verdict.get("fixed_by"), *case.fixed_by)
    wrong.same("verdict.confidence", verdict.get("confidence"), "certain", "likely", "possible")
    wrong.same("exit status", exit_status, status(case.cause))
    wrong.same("questions_asked", got.get("questions_asked"), 0)
    for key in ("title", "meaning", "remedy") + (("because",) if case.cause != "inconclusive" else ()):
        if not verdict.get(key):
            wrong.append(f"verdict.{key} is empty")
    for name, value in case.facts.items():
        wrong.same(name, (got.get("facts", {}).get(name) or {}).get("value"), value)
    said = verdict.get("server_said") or []
    if case.said and not any(re.match(rf"(\S+@\S+: )?{case.said}", line) for line in said):
        wrong.append(f"verdict.server_said is {said}, without {case.said}")
    lines = [line for step in got.get("steps", []) for line in step.get("transcript") or []]
    if case.answers.get("consent.login") != "yes" and any(l.upper().startswith("C: AUTH") for l in lines):
        wrong.append("it tried to sign in")
    if case.answers.get("consent.send") != "yes" and any(l.upper().startswith("C: MAIL") for l in lines):
        wrong.append("it tried to send")
    return wrong + recommended(case, server, got.get("recommended"))


def recommended(case, server, got):
    wanted = case.recommended if isinstance(case.recommended, list) else [case.recommended]
    if got is None or wanted == [None]:
        return [] if got is None and wanted == [None] else [f"recommended is {got}, not {case.recommended}"]
    wrong = Faults()
    if case.recommended == "any":
        return tested(case, got, ("login", "send"))
    if (got.get("port"), got.get("security")) not in wanted:
        wrong.append(f"recommended is {got.get('port')} {got.get('security')}, not {case.recommended}")
    wrong.same("recommended.host", got.get("host"), server.host)
    wrong.same("recommended.auth", got.get("auth"), "password")
    return wrong + tested(case, got, STEPS + ("login", "send"))


def tested(case, got, steps):
    wrong, wanted = Faults(), {"login": case.login, "send": case.send}
    for k in steps:
        wrong.same(f"tested.{k}", (got.get("tested") or {}).get(k), wanted.get(k, "pass"))
    return wrong


def message_ids(got, journal):
    """Message-IDs of everything that was sent, from the report and the case's journal."""
    text = json.dumps(got, ensure_ascii=False)
    if os.path.exists(journal):
        text += open(journal, errors="replace").read()
    return set(re.findall(r"<[^<>@\s\"\\]+@[^<>@\s\"\\]+>", text))


def forms(secret):
    """The secret as it could show up."""
    raw = secret.encode()
    out = {raw, urllib.parse.quote(secret).encode()}
    for before in range(3):  # at each position inside a longer base64 text
        text = base64.b64encode(b"\0" * before + raw)
        out.add(text[(0, 2, 3)[before]:len(text) // 4 * 4 - 4])
    return out


def secrecy(case, folder, output):
    """Where the secret shows, apart from the file that it came from."""
    wrong = []
    texts = {"the output": output.encode()}
    for path in glob.glob(f"{folder}/**", recursive=True):
        if os.path.isfile(path) and not path.startswith(f"{folder}/secret/"):
            texts[os.path.relpath(path, folder)] = open(path, "rb").read()
    for name, text in texts.items():
        if case.secret and any(f in text for f in forms(case.secret)):
            wrong.append(f"the secret stands in {name}")
    if not os.path.exists(f"{folder}/case.jsonl"):
        wrong.append("there is no case file")
    return wrong
