"""The storm: the shipped daemon on a scratch database, its providers invented, everything pulled.

Nothing here is needed to run the product. It proves what the product promises: pull the plug
at any moment and no document is lost, no call paid for twice, no slot left undecided.
"""
