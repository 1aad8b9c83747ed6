#!/usr/bin/env python3
"""Start a server, and have allocations fail while statements speak to it.

usage: faults.py DYNAMO.SO DYNAMO_REMOTE.SO CHECK_REMOTE_FAULTS
"""
import json
import pathlib
import subprocess
import sys
import urllib.request

import served
from fake import ORDERS

dynamo, remote, check = sys.argv[1:4]

with served.endpoint(dynamo) as endpoint:
    request = {key: ORDERS[key] for key in
               ("TableName", "AttributeDefinitions", "KeySchema")}
    request["BillingMode"] = "PAY_PER_REQUEST"
    request["GlobalSecondaryIndexes"] = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in ORDERS["GlobalSecondaryIndexes"]]
    urllib.request.urlopen(urllib.request.Request(
        endpoint, json.dumps(request).encode(),
        {"X-Amz-Target": "DynamoDB_20120810.CreateTable"})).read()
    sys.exit(subprocess.run(
        [check, str(pathlib.Path(remote).resolve()), endpoint,
         str(pathlib.Path(__file__).parent / "faults.sql")],
        check=False).returncode)
