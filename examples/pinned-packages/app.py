import os

import fal
from fal.container import ContainerImage
from pydantic import BaseModel


class Versions(BaseModel):
    tabulate: str
    cuda: str


class Pinned(fal.App, python_version="3.12"):
    # For a GPU: a base such as pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime, which has torch already.
    image = ContainerImage.from_dockerfile(
        "Dockerfile",
        build_args={"BASE": os.environ.get("BASE", "python:3.12-slim"), "CUDA": "12.4"},
    )
    # Installed into the image's Python, on top of what it has.
    requirements = ["tabulate==0.8.10"]

    @fal.endpoint("/")
    def versions(self) -> Versions:
        from importlib.metadata import version

        return Versions(tabulate=version("tabulate"), cuda=os.environ["CUDA_VERSION"])
