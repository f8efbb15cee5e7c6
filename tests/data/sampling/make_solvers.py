"""Writes solvers_bf16.safetensors: the ways that upstream's own solver classes take in bfloat16 on a CPU.

  python3 make_solvers.py <checkout of character-ai/Ovi>     needs torch, safetensors, numpy, diffusers 0.31

The velocity is x * (t / 1000). `x0` is the start; `<solver>_steps<n>_shift<s>` are the states x_0 ... x_n.
"""
import pathlib
import sys

import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(sys.argv[1]) / "ovi" / "utils"))
from fm_solvers import FlowDPMSolverMultistepScheduler, get_sampling_sigmas  # noqa: E402
from fm_solvers_unipc import FlowUniPCMultistepScheduler  # noqa: E402

RUNS = [(1, 5.0), (3, 2.5), (10, 5.0), (50, 5.0), (20, 0.7)]


def make_scheduler(solver, steps, shift):
    if solver == "euler":
        scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
        scheduler.set_timesteps(steps, device="cpu")
    elif solver == "unipc":
        scheduler = FlowUniPCMultistepScheduler(num_train_timesteps=1000, shift=1, use_dynamic_shifting=False)
        scheduler.set_timesteps(steps, device="cpu", shift=shift)
    else:
        scheduler = FlowDPMSolverMultistepScheduler(num_train_timesteps=1000, shift=1, use_dynamic_shifting=False)
        scheduler.set_timesteps(sigmas=get_sampling_sigmas(steps, shift), device="cpu")
    return scheduler


def main():
    x0 = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(5)).to(torch.bfloat16)
    tensors = {"x0": x0}
    for solver in ("unipc", "dpm++", "euler"):
        for steps, shift in RUNS:
            scheduler = make_scheduler(solver, steps, shift)
            states = [x0]
            for t in scheduler.timesteps:
                velocity = states[-1] * (float(t) / 1000)
                states.append(scheduler.step(velocity[None], t, states[-1][None], return_dict=False)[0][0])
            tensors[f"{solver}_steps{steps}_shift{shift:g}"] = torch.stack(states)
    save_file(tensors, pathlib.Path(__file__).parent / "solvers_bf16.safetensors")


if __name__ == "__main__":
    main()
