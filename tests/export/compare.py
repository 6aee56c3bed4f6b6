"""Compares the zip of an export, thing by thing, with what the simulator holds.

compare.py ZIP WORKSPACE [--kinds KIND,KIND] [--without KIND/PATTERN] [--missing N] < config.json

The simulator is asked anew and in a way of its own: nothing here is shared with the page that made the zip. It must
stand still meanwhile. Prints how many things of each kind were compared, and every difference; fails if there is one.
"""

import argparse
import base64
import collections
import csv
import fnmatch
import hashlib
import io
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile

TENANT, CLIENT, SECRET = "contoso", "azimuth", "demo-secret-~+/="
ML, ARM = "api-version=2019-11-01", "api-version=2019-11-01"
LEFT_OUT = "(left out: it opens the file)"
QUEUEING = "Microsoft.MachineLearning.Run.QueueingInfo"
MOST_PAGES = 10_000


class Service:
    """The simulator, as somebody with curl would ask it."""

    def __init__(self, config, workspace):
        cloud = config["cloud"]
        self.management = cloud["management"]
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "resource": self.management,
        }
        reply = self.send(
            f"{cloud['login']}/{TENANT}/oauth2/token", urllib.parse.urlencode(form).encode(), {}, token=None
        )
        self.token = json.loads(reply)["access_token"]
        self.workspace = workspace
        document = self.arm("")
        hosts = json.loads(self.send(document["properties"]["discoveryUrl"], None, {}, token=None))
        self.api = hosts["api"]
        self.history = f"{hosts['history']}/history/v1.0{workspace}"
        self.models = f"{hosts['api']}/modelmanagement/v1.0{workspace}"
        self.pipelines = f"{hosts['pipelines']}/api/v1.0{workspace}"

    def send(self, address, body, headers, token="bearer"):
        if token:
            headers = {**headers, "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(address, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def get(self, address):
        return json.loads(self.send(address, None, {}))

    def post(self, address, body):
        return json.loads(self.send(address, json.dumps(body).encode(), {"Content-Type": "application/json"}))

    def arm(self, path):
        return self.get(f"{self.management}{self.workspace}{path}?{ARM}")

    def linked(self, address):
        """A list whose pages name the next one."""
        for _ in range(MOST_PAGES):
            page = self.get(address)
            yield from page["value"]
            address = page.get("nextLink")
            if not address:
                return
        raise AssertionError("a list without an end")

    def queried(self, address, body):
        """A list whose pages give a token for the next one."""
        for _ in range(MOST_PAGES):
            page = self.post(address, body)
            yield from page["value"]
            token = page.get("continuationToken")
            if not token:
                return
            body = {**body, "continuationToken": token}
        raise AssertionError("a list without an end")


def quoted(text):
    return urllib.parse.quote(str(text), safe="")


def steady(document):
    """What is the same whenever it is asked for, and may be in an export: the time at which the service last looked at
    its queue is not, and addresses that open a file may not.
    """
    if isinstance(document, dict):
        return {name: steady(value) for name, value in document.items() if name != "lastRefreshTimestamp"}
    if isinstance(document, list):
        told = [item for item in document if not (isinstance(item, dict) and item.get("name", "") == QUEUEING)]
        return [steady(item) for item in told]
    if isinstance(document, str) and "&sig=" in document:
        return LEFT_OUT
    return document


def expected(service):
    """Everything that the simulator holds: kind, id, experiment and run, and how to get it."""
    yield "workspace", service.workspace, None, None, lambda: service.arm("")
    for compute in service.arm("/computes")["value"]:
        name = compute["name"]
        yield "compute", name, None, None, lambda name=name: service.arm(f"/computes/{quoted(name)}")
    pipeline_runs = []
    for experiment in service.queried(f"{service.history}/experiments:query?viewType=All", {"top": 100}):
        name = experiment["name"]
        yield "experiment", name, name, None, lambda name=name: service.get(
            f"{service.history}/experiments/{quoted(name)}"
        )
        base = f"{service.history}/experiments/{quoted(name)}"
        for run in service.queried(f"{base}/runs:query", {"top": 100}):
            yield from of_run(service, base, name, run)
            if run["properties"].get("azureml.runsource") == "azureml.PipelineRun":
                pipeline_runs.append(run["runId"])
    for task in service.linked(f"{service.api}/notification/v1.0{service.workspace}/tasks"):
        number = task.get("id") or task.get("taskId")
        yield "notification", number, None, None, lambda number=number: service.get(
            f"{service.api}/notification/v1.0{service.workspace}/tasks/{quoted(number)}"
        )
    address = f"{service.api}/datastore/v1.0{service.workspace}/datastores?includeSecret=false"
    for datastore in service.linked(address):
        yield "datastore", datastore["name"], None, None, lambda datastore=datastore: datastore
    for kind in ["model", "asset", "image", "service"]:
        more = "&expand=true" if kind == "service" else ""
        for thing in service.linked(f"{service.models}/{kind}s?{ML}"):
            yield kind, thing["id"], None, None, lambda kind=kind, number=thing["id"], more=more: service.get(
                f"{service.models}/{kind}s/{quoted(number)}?{ML}{more}"
            )
    yield from of_pipelines(service, pipeline_runs)


def of_run(service, base, experiment, run):
    number = run["runId"]
    address = f"{base}/runs/{quoted(number)}"
    yield "run", number, experiment, number, lambda: service.get(address)
    yield "run-details", number, experiment, number, lambda: service.get(f"{address}/details")
    yield "run-events", number, experiment, number, lambda: list(service.linked(f"{address}/events"))
    yield "run-metrics", number, experiment, number, lambda: list(
        service.queried(f"{base}/metrics:query", {"filter": f"RunId eq {number}"})
    )
    container = quoted(run.get("dataContainerId") or f"dcid.{number}")
    artifacts = f"{service.api}/artifact/v2.0{service.workspace}/artifacts/ExperimentRun/{container}"
    files = list(service.linked(artifacts))
    yield "run-files", number, experiment, number, lambda: files
    for file in files:
        path = file["path"]
        content = f"{artifacts}/content?path={quoted(path)}"
        yield "content", path, experiment, number, lambda content=content: service.send(content, None, {})


def of_pipelines(service, runs):
    seen = set()

    def once(kind, number, path):
        if number and (kind, number) not in seen:
            seen.add((kind, number))
            yield kind, number, None, None, lambda: service.get(f"{service.pipelines}/{path}/{quoted(number)}")

    for run in runs:
        yield from once("pipeline-run", run, "Experiments")
        document = service.get(f"{service.pipelines}/Experiments/{quoted(run)}")
        address = f"{service.pipelines}/Experiments/{quoted(run)}/Graph/AllNodes/Status"
        yield "pipeline-node-states", run, None, None, lambda address=address: service.post(address, {})
        graph = document.get("GraphId")
        yield from once("graph", graph, "Graphs")
        if graph:
            drawn = service.get(f"{service.pipelines}/Graphs/{quoted(graph)}")
            for node in drawn.get("ModuleNodes") or []:
                yield from once("module", node.get("ModuleId"), "Modules")
            for node in drawn.get("DatasetNodes") or []:
                yield from once("data-source", node.get("DatasetId"), "DataSources")


class Export:
    """What the zip holds, by kind, id and run."""

    def __init__(self, path, complain):
        self.zip = zipfile.ZipFile(path)
        damaged = self.zip.testzip()
        if damaged:
            complain(f"{damaged} is damaged")
        names = [entry.filename for entry in self.zip.infolist()]
        for name, times in collections.Counter(name.lower() for name in names).items():
            if times > 1:
                complain(f"{name} is there {times} times")
        self.manifest = json.loads(self.zip.read("manifest.json"))
        listed = [file["path"] for file in self.manifest["files"]]
        for name in set(names) - set(listed) - {"manifest.json"}:
            complain(f"{name} is not in the manifest")
        for name in set(listed) - set(names):
            complain(f"{name} is in the manifest alone")
        self.things = collections.defaultdict(list)
        numbers = {request["n"]: request for request in self.manifest["requests"]}
        if len(numbers) != len(self.manifest["requests"]):
            complain("two requests have one number")
        for file in self.manifest["files"]:
            kind = "content" if file["kind"] in ("log", "file") else file["kind"]
            self.things[kind, file["id"], file.get("run") if kind.startswith(("run", "content")) else None].append(file)
            if file.get("request") is not None and file["request"] not in numbers:
                complain(f"{file['path']} names a request that is not there")
            if file["path"] in names:
                self.weigh(file, complain)
        self.missing = self.manifest["missing"]
        counts = self.manifest["counts"]
        for field in ["requests", "files", "missing"]:
            if counts[field] != len(self.manifest[field]):
                complain(f"{counts[field]} {field} are counted, {len(self.manifest[field])} listed")

    def weigh(self, file, complain):
        digest, size = hashlib.sha256(), 0
        with self.zip.open(file["path"]) as content:
            while part := content.read(1 << 20):
                digest.update(part)
                size += len(part)
        if size != file["size"] or digest.hexdigest() != file["sha256"]:
            complain(f"{file['path']} is not what the manifest says")

    def documents(self, files):
        return [json.loads(self.zip.read(file["path"])) for file in files]


def items(documents):
    """What is in the pages of a list, whether they came as pages or as what was in them."""
    found = []
    for document in documents:
        found.extend(document if isinstance(document, list) else document["value"])
    return found


def in_order(documents):
    return sorted(steady(documents), key=lambda document: json.dumps(document, sort_keys=True))


def compare(service, export, wanted, complain):
    counts = collections.Counter()
    left = set(export.things)
    for kind, number, experiment, run, get in expected(service):
        if not wanted(kind, number):
            continue
        key = (kind, number, run)
        files = export.things.get(key, [])
        left.discard(key)
        if not files:
            # A run without metrics, or without files, has nothing to be shown.
            if kind in ("run-metrics", "run-events", "run-files") and not get():
                continue
            told = any(gone["id"] == number and (not run or gone.get("run") == run) for gone in export.missing)
            complain(f"{kind} {number} of {run or 'the workspace'} is {'told to be ' if told else ''}missing")
            continue
        counts[kind] += 1
        if kind == "content":
            if len(files) > 1:
                complain(f"{kind} {number} of {run} is there {len(files)} times")
            held, there = hashlib.sha256(get()).hexdigest(), files[0]["sha256"]
            if held != there:
                complain(f"{number} of {run} has other bytes")
        elif kind in ("run-metrics", "run-events", "run-files"):
            if in_order(items(export.documents(files))) != in_order(get()):
                complain(f"{kind} of {number} is not what the service holds")
        else:
            if len(files) > 1:
                complain(f"{kind} {number} is there {len(files)} times")
            if steady(export.documents(files)[0]) != steady(get()):
                complain(f"{kind} {number} is not what the service holds: {files[0]['path']}")
    for kind, number, run in left:
        if kind not in ("table", "contents") and wanted(kind, number):
            complain(f"{kind} {number} of {run or 'the workspace'} is in the zip and not at the service")
    return counts


def look_for_secrets(export, service, complain):
    """Nothing that opens anything may be in any of it."""
    known = [service.token.encode(), SECRET.encode(), base64.b64encode(SECRET.encode())]
    looks = re.compile(rb"[?&]sig=[^\"<&\s]+|AccountKey=|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.")
    for entry in export.zip.infolist():
        if entry.file_size > 4 << 20:
            continue
        content = export.zip.read(entry)
        found = looks.search(content)
        if found:
            complain(f"{entry.filename} holds a secret: {found.group()[:12]!r}…")
        if any(secret in content for secret in known):
            complain(f"{entry.filename} holds what signs somebody in")


def look_at_tables(export, complain):
    runs = [file for file in export.manifest["files"] if file["kind"] == "run"]
    rows = list(csv.DictReader(io.StringIO(export.zip.read("runs.csv").decode("utf-8-sig"))))
    if len(rows) != len(runs):
        complain(f"runs.csv has {len(rows)} rows for {len(runs)} runs")
    page = export.zip.read("index.html").decode()
    if "<script" in page.lower():
        complain("index.html has a script")
    links = set(re.findall(r'href="([^"#]+)"', page))
    names = set(export.zip.namelist())
    for link in links:
        if urllib.parse.unquote(link).removeprefix("./") not in names:
            complain(f"index.html leads to {link}, which is not there")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("zip")
    parser.add_argument("workspace")
    parser.add_argument("--kinds", help="comma between them; all if left out")
    parser.add_argument("--without", action="append", default=[], help="KIND or KIND/ID pattern that is not wanted")
    parser.add_argument("--missing", type=int, default=0, help="how many things the manifest has to name as missing")
    arguments = parser.parse_args()
    differences = []
    service = Service(json.load(sys.stdin), arguments.workspace)
    export = Export(arguments.zip, differences.append)
    kinds = arguments.kinds and arguments.kinds.split(",")

    def wanted(kind, number):
        if kinds and kind not in kinds:
            return False
        return not any(
            fnmatch.fnmatchcase(f"{kind}/{number}", pattern if "/" in pattern else f"{pattern}/*")
            for pattern in arguments.without
        )

    counts = compare(service, export, wanted, differences.append)
    if len(export.missing) != arguments.missing:
        differences.append(f"{len(export.missing)} things are told to be missing: {export.missing[:3]}")
    look_for_secrets(export, service, differences.append)
    look_at_tables(export, differences.append)
    print(json.dumps({"compared": counts, "missing": len(export.missing), "requests": len(export.manifest["requests"])}))
    for difference in differences[:50]:
        print(difference)
    if differences or not counts:
        print(f"{len(differences)} differences, {sum(counts.values())} things compared")
        sys.exit(1)


main()
