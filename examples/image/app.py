import fal
from fastapi import Response
from pydantic import BaseModel, Field


class Input(BaseModel):
    width: int = Field(default=320, ge=16, le=2048)
    height: int = Field(default=200, ge=16, le=2048)
    color: str = Field(default="teal", description="A CSS colour name or #rrggbb")


class Image(fal.App):
    requirements = ["Pillow>=10,<13"]

    # Packages of the app are imported where they run: the developer's machine need not have them.
    @fal.endpoint("/")
    def draw(self, input: Input) -> Response:
        from io import BytesIO

        from PIL import Image, ImageDraw

        size = (input.width, input.height)
        picture = Image.new("RGB", size, "white")
        pen = ImageDraw.Draw(picture)
        for step in range(10, 0, -1):
            inset = (input.width * (10 - step) // 20, input.height * (10 - step) // 20)
            box = [inset, (size[0] - 1 - inset[0], size[1] - 1 - inset[1])]
            pen.ellipse(box, fill=input.color if step % 2 else "white")
        png = BytesIO()
        picture.save(png, format="PNG")
        return Response(png.getvalue(), media_type="image/png")
