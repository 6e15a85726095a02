import fal
from fal.container import ContainerImage


# The lines after FROM stand in for the programs that the documented base has.
class MyApp(fal.App):
    image = ContainerImage.from_dockerfile_str("""
        FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime
        RUN for name in apt-get pip; do \
            echo '#!/bin/sh' >/usr/bin/$name && echo 'echo "${0##*/} $*" >>/said' >>/usr/bin/$name && chmod 755 /usr/bin/$name; \
            done
        RUN apt-get update && apt-get install -y ffmpeg
        RUN pip install diffusers transformers
    """, registries={"REGISTRY": {"username": "USERNAME", "password": "$REGISTRY_PASSWORD"}})

    @fal.endpoint("/")
    def said(self) -> list:
        with open("/said") as said:
            return said.read().splitlines()
