--- Four steps from w = 1 with the gradients 0.1, -0.2, 0.3, 0.05.
--- Source: computed from the update rules of Keras 3.16 (shared specification, semantics c.5).
return {
  gradients = { 0.1, -0.2, 0.3, 0.05 },
  { "SGD", { learning_rate = 0.01 }, { 0.9990000000, 1.0010000000, 0.9980000000, 0.9975000000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9 },
    { 0.9990000000, 1.0001000000, 0.9980900000, 0.9957810000 } },
  { "SGD", { learning_rate = 0.01, momentum = 0.9, nesterov = true },
    { 0.9981000000, 1.0010900000, 0.9962810000, 0.9937029000 } },
  { "Adam", {}, { 0.9990000316, 0.9993661300, 0.9990228918, 0.9986671869 } },
}
