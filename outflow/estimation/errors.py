"""What the estimator says when its input is not valid."""


class EstimateError(ValueError):
    """The input cannot be used; the message is one sentence that names row and column.

    ``code`` and ``params`` let a screen say the same sentence in another language:
    ``sentence % params`` is the message.
    """

    def __init__(self, code: str, sentence: str, **params: object) -> None:
        self.code = code
        self.sentence = sentence
        self.params = params
        super().__init__(sentence % params if params else sentence)
