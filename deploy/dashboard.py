"""A dashboard with one graph an alarm: its metrics, and its threshold as a line."""

import json
import re
from typing import Any

from deploy.metrics import PERIOD_SECONDS, Json

WIDTH, HEIGHT, COLUMNS = 8, 6, 3


def make_dashboard(alarms: dict[str, Json]) -> Json:
    """Return the dashboard of `alarms` as a resource of CloudFormation."""
    # Values of other resources go through the substitution of Fn::Sub: ${V0}, ${V1}, …, each value once.
    values: dict[str, str] = {}
    widgets = [_graph(place, resource["Properties"], values) for place, resource in enumerate(alarms.values())]
    body = json.dumps({"widgets": widgets}, separators=(",", ":"))
    # The place of a line is a number: what is substituted for it must not stand in quotes.
    body = re.sub(r'"value":"(\$\{V\d+\})"', r'"value":\1', body)
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": {"Fn::Sub": "${AWS::StackName}"},
            "DashboardBody": {"Fn::Sub": [body, {name: json.loads(key) for key, name in values.items()}]},
        },
    }


def _graph(place: int, alarm: Json, values: dict[str, str]) -> Json:
    name = alarm["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
    threshold = alarm["Threshold"]
    line = _substituted(threshold, values) if isinstance(threshold, dict) else threshold
    return {
        "type": "metric",
        "x": place % COLUMNS * WIDTH,
        "y": place // COLUMNS * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": name,
            "region": "${AWS::Region}",
            "view": "timeSeries",
            "period": PERIOD_SECONDS,
            "metrics": _lines(alarm, values),
            "annotations": {"horizontal": [{"label": "alarm", "value": line}]},
        },
    }


def _lines(alarm: Json, values: dict[str, str]) -> list[list[Any]]:
    if "Metrics" not in alarm:
        return [_line(alarm, alarm.get("ExtendedStatistic") or alarm["Statistic"], values, {})]
    lines = []
    for query in alarm["Metrics"]:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            lines.append(_line(stat["Metric"], stat["Stat"], values, {"id": query["Id"], "visible": False}))
        else:
            expression = query["Expression"]
            text = _substituted(expression, values) if isinstance(expression, dict) else expression
            lines.append([{"expression": text, "id": query["Id"], "label": query["Label"]}])
    return lines


def _line(metric: Json, statistic: str, values: dict[str, str], options: Json) -> list[Any]:
    line: list[Any] = [metric["Namespace"], metric["MetricName"]]
    for dimension in metric["Dimensions"]:
        line += [dimension["Name"], _substituted(dimension["Value"], values)]
    return [*line, {"stat": statistic, **options}]


def _substituted(value: Json, values: dict[str, str]) -> str:
    key = json.dumps(value, sort_keys=True)
    values.setdefault(key, f"V{len(values)}")
    return f"${{{values[key]}}}"
