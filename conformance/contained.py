"""An app in an image with Python."""

import os

import fal
from fal.container import ContainerImage

BASE = os.environ.get("BASE_IMAGE", "python:3.12-slim")


class Contained(fal.App, kind="container", keep_alive=60):
    image = ContainerImage.from_dockerfile_str(
        f"FROM {BASE}\nENV BAKED=in\n",
        registries={BASE.split("/")[0]: {"username": os.environ.get("BASE_USER", ""), "password": "$BASE_PASSWORD"}},
    )

    @fal.endpoint("/")
    def tell(self) -> dict:
        return {"baked": os.environ["BAKED"]}
