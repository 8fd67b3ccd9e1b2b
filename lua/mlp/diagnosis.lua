--- mlp.check: looking at a model and its data before, during and after training, as the lecture's
--- slides on babysitting ask. (Checked options are in mlp/check.lua; model:why and model:advise are
--- methods.)
local M = {}

--- Before training: is the loss near ln K and the accuracy near 1/K; are the weights of units
--- different, the features of a sensible size, the units neither dead nor saturated?
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset|table
--- @param options? table  tolerance 0.15, a share of ln K
--- @return mlp.Sanity  ok, loss, expected_loss, accuracy, expected_accuracy, and a list of problems
--- @usage print(mlp.check.sanity(model, train))
function M.sanity(model, data, options)
  return require("mlp.diagnosis.sanity").sanity(model, data, options)
end

--- Can the model learn n rows by heart? If not, it has too little capacity, or is trained wrongly.
--- The model is left as it was.
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset|table
--- @param options? table  n 20, steps 2000, loss 1e-3 (below it, and accuracy 1, they are learned)
--- @return mlp.Overfit  ok, steps, loss, accuracy
--- @usage assert(mlp.check.overfit(model, train, { n = 20 }).ok)
function M.overfit(model, data, options)
  return require("mlp.diagnosis.overfit").overfit(model, data, options)
end

--- The length of the gradient of each weight, the mean over the batches of an epoch, with the
--- weights of now: vanishing or exploding before training. The model is left as it was.
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset
--- @param options? table  batch_size 32; a smaller last batch is left out
--- @return { layer: string, weight: string, norm: number }[]
--- @usage for _, g in ipairs(mlp.check.gradients(model, train)) do print(g.layer, g.norm) end
function M.gradients(model, data, options)
  return require("mlp.diagnosis.gradients").gradients(model, data, options)
end

--- The five views of babysitting: loss, data, layers (outputs, gradients, weights), metric, and the
--- space of learning rates and batch sizes, by short trials. A model that was not trained is fitted
--- first; else it is left as it was.
--- @param model mlp.Model  compiled
--- @param data mlp.Dataset|table
--- @param options? table  epochs 20 (of the fit, with validation_split 0.2), trials 24,
---   trial_epochs 3
--- @return mlp.Views  figures loss, data, layers, metric, space; :save(prefix) writes all five
--- @usage mlp.check.babysit(model, train):save(mlp.out "run")
function M.babysit(model, data, options)
  return require("mlp.diagnosis.babysit").babysit(model, data, options)
end

return M
