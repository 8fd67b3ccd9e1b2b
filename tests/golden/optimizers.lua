--- Four steps from w = 1 with the gradients 0.1, -0.2, 0.3, 0.05.
--- Source: computed from the update rules of Keras 3.16, PyTorch and Torch7 (semantics c.5 of the
--- specification).
return {
  gradients = { 0.1, -0.2, 0.3, 0.05 },
  { "SGD", { learning_rate = 0.01 }, { 0.9990000000, 1.0010000000, 0.9980000000, 0.9975000000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9 },
    { 0.9990000000, 1.0001000000, 0.9980900000, 0.9957810000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9, nesterov = true },
    { 0.9981000000, 1.0010900000, 0.9962810000, 0.9937029000 } },
  { "RMSprop", {}, { 0.9968378804, 0.9996949941, 0.9971043650, 0.9966538798 } },
  { "Adagrad", {}, { 0.9996984888, 1.0002148864, 0.9996025141, 0.9995009795 } },
  { "Adadelta", {}, { 0.9999985859, 1.0000003837, 0.9999982194, 0.9999977527 } },
  { "Adamax", {}, { 0.9990000010, 0.9992894745, 0.9990422421, 0.9988182128 } },
  { "Nadam", {}, { 0.9989372133, 0.9998188784, 0.9989871558, 0.9987840821 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9, compat = "torch" },
    { 0.9990000000, 1.0001000000, 0.9980900000, 0.9957810000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9, nesterov = true, compat = "torch" },
    { 0.9981000000, 1.0010900000, 0.9962810000, 0.9937029000 } },
  { "RMSprop", { learning_rate = 0.01, rho = 0.99, epsilon = 1e-8, compat = "torch" },
    { 0.9000001000, 0.9895323561, 0.9091819282, 0.8958430004 } },
  { "RMSprop", { learning_rate = 1e-3, rho = 0.9, epsilon = 1e-7, compat = "torch" },
    { 0.9968377323, 0.9996948711, 0.9971042346, 0.9966537479 } },
  { "Adam", { epsilon = 1e-8, compat = "torch" },
    { 0.9990000001, 0.9993661036, 0.9990228625, 0.9986671547 } },
  -- Torch7, whose dampening is the momentum unless given: from_torch7.py
  { "SGD", { learning_rate = 0.01, momentum = 0.9, dampening = 0.9, compat = "torch" },
    { 0.9990000000, 0.9983000000, 0.9973700000, 0.9964830000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.5, dampening = 0.5, weight_decay = 0.1,
    compat = "torch" }, { 0.9980000000, 0.9975010000, 0.9952527495, 0.9933809979 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9, dampening = 0.9 },
    { 0.9990000000, 0.9983000000, 0.9973700000, 0.9964830000 } },
  { "Adam", {}, { 0.9990000316, 0.9993661300, 0.9990228918, 0.9986671869 } },
}
