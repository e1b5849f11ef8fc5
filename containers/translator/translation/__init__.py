"""Translation by a language model: what is asked, what is believed of the answer, and what it cost.

``model`` is the door to any model; ``prompt`` and ``views`` make a call, ``answer`` and ``checks`` read what came
back, ``asking`` and ``translate`` ask again for what is wrong and no more. Nothing here knows an SDK: the models
themselves are engines.
"""
