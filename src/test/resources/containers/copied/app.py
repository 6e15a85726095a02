import fal


class Copied(fal.App):
    @fal.endpoint("/")
    def files(self) -> dict:
        import os

        return {"folder": os.getcwd(), "writable": os.access(".", os.W_OK), "files": sorted(os.listdir(".")), "words": open("words.txt").read().split()}
