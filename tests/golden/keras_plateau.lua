--- Learning rates after each epoch under ReduceLROnPlateau, from 1.
--- Source: Keras 3.15.1 on JAX 0.10.2, by keras_numbers.py
--- beside this file, in float64.
return {
  values = { 1, 0.5, 0.49, 0.48, 0.47, 0.3, 0.3, 0.3, 0.3, 0 / 0, 0.3, 0.1 },
  { { factor = 0.5, patience = 2 }, {
    1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25,
  } },
  { { factor = 0.5, patience = 2, min_delta = 0.1 }, {
    1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125,
  } },
  { { factor = 0.5, patience = 1, min_delta = 0.1, cooldown = 2 }, {
    1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625, 0.03125, 0.03125,
  } },
  { { factor = 0.5, patience = 1, min_delta = 0.1, min_lr = 0.2 }, {
    1, 1, 0.5, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2,
  } },
  { { factor = 0.5, patience = 0, mode = 'max' }, {
    1, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625, 0.001953125,
    0.0009765625, 0.00048828125,
  } },
}
