"""Runs the official command line against a server that only listens, and writes down what it was sent.

Usage: official.py TOOL REF OUT PORT"""

import base64
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

tool, ref, out, port = sys.argv[1:]
sys.path.insert(0, tool)
os.environ.update(
    FAL_KEY="nobody:nobody",
    FAL_HOST=f"127.0.0.1:{port}",
    FAL_GRPC_HOST=f"127.0.0.1:{port}",
    FAL_REST_HOST=f"127.0.0.1:{port}",
    FAL_RUN_HOST=f"127.0.0.1:{port}",
    FAL_QUEUE_RUN_HOST=f"127.0.0.1:{port}",
    FAL_WS_RUN_HOST=f"127.0.0.1:{port}",
    ISOLATE_TEST_MODE="1",
    FAL_CONFIG_PATH="/nonexistent",
)

import grpc
import isolate_proto

sent = {}


def note(kind, request):
    sent[kind] = base64.b64encode(request.SerializeToString(deterministic=True)).decode("ascii")


class Controller(isolate_proto.IsolateControllerServicer):
    def ListAliases(self, request, context):
        return isolate_proto.ListAliasesResult()

    def BuildEnvironment(self, request, context):
        note("build", request)
        yield isolate_proto.BuildEnvironmentResult(
            env_id="x", status=isolate_proto.HostedRunStatus(state=isolate_proto.HostedRunStatus.State.SUCCESS)
        )

    def RegisterApplication(self, request, context):
        note("register", request)
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "noted")

    def Run(self, request, context):
        note("run", request)
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "noted")


server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", -1)])
isolate_proto.register_controller(Controller(), server)
server.add_secure_port(f"127.0.0.1:{port}", grpc.local_server_credentials())
server.start()

from fal.cli.main import main

for command in ("run", "deploy"):
    try:
        main([command, ref])
    except SystemExit:
        pass
with open(out, "w") as file:
    json.dump(sent, file)
os._exit(0)
