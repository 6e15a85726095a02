"""Apps of the kinds that the others are not."""

import fal
import neighbour


@fal.function("conda", packages=["numpy"])
def by_conda():
    return 1


@fal.function(keep_alive=0)
def unaccompanied():
    return neighbour.NAME


class Sleeper(fal.App, keep_alive=0, max_concurrency=1):
    """Whatever calls it stays in the queue."""

    def setup(self):
        import time

        time.sleep(3600)

    @fal.endpoint("/")
    def wake(self) -> dict:
        return {}
