import fal
from pydantic import BaseModel, Field


class Flower(BaseModel):
    sepal_length: float = Field(description="in cm", gt=0)
    sepal_width: float = Field(description="in cm", gt=0)
    petal_length: float = Field(description="in cm", gt=0)
    petal_width: float = Field(description="in cm", gt=0)


class Guess(BaseModel):
    species: str
    probability: float


class Classifier(fal.App):
    requirements = ["scikit-learn>=1.3,<2"]

    # Runs once per runner, before it takes requests.
    def setup(self):
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        iris = load_iris()
        self.species = [str(name) for name in iris.target_names]
        self.model = LogisticRegression(max_iter=1000).fit(iris.data, iris.target)
        print(f"trained on {len(iris.data)} flowers")

    @fal.endpoint("/")
    def classify(self, flower: Flower) -> Guess:
        measures = [
            flower.sepal_length,
            flower.sepal_width,
            flower.petal_length,
            flower.petal_width,
        ]
        probabilities = self.model.predict_proba([measures])[0]
        best = int(probabilities.argmax())
        return Guess(species=self.species[best], probability=round(float(probabilities[best]), 4))
