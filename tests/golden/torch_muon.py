"""PyTorch's Muon for matrices and its AdamW for all else, as one optimizer. Muon computes in bfloat16,
whatever the weights are; here its own code runs in their type.
"""
import torch
from torch import optim


class Muon:
    def __init__(self, params, lr=1e-3, adam={}, **options):
        params = list(params)
        self.narrow = torch.bfloat16
        self.parts = [optim.Muon([p for p in params if p.ndim == 2], lr=lr, **options)]
        others = [p for p in params if p.ndim != 2]
        if others:
            self.parts.append(optim.AdamW(others, lr=lr, **adam))
        self.param_groups = self.parts[0].param_groups

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def step(self):
        torch.bfloat16 = torch.get_default_dtype()
        try:
            for part in self.parts:
                part.step()
        finally:
            torch.bfloat16 = self.narrow
