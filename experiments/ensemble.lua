-- Why not train 5 networks with random starts and vote? It works: their errors average out.
-- Dropout is a cheap form of it. One network, one with dropout, five that vote: score and cost.
--   mlprun experiments/ensemble.lua
local mlp = require "mlp"

local function network(dropout)
  return mlp.Sequential { mlp.Dense { 32, "relu", kernel_initializer = "he_uniform" },
    mlp.Dropout(dropout or 0), mlp.Dense { 10, "softmax" } }
    :compile { loss = "sparse_categorical_crossentropy", optimizer = mlp.Adam(0.003),
      metrics = { "accuracy" } }
end

local function accuracy(said, test)
  return said:eq(test.y):double():mean():item()
end

--- Accuracies of the median member, of the vote, of the mean probability, of dropout; seconds.
local run = mlp.memoize(function(seed)
  mlp.seed(seed)
  local train, test = mlp.datasets.digits { n = 1800 }:split { test = 1000 / 1800 }
  local clock = os.clock()
  local team = mlp.Ensemble { n = 5, build = function() return network() end }
  team:fit(train, { epochs = 20, verbose = 0 })
  local five = os.clock() - clock
  local members = {}
  for i, model in ipairs(team.models) do members[i] = accuracy(model:predict(test.x), test) end
  table.sort(members)
  clock = os.clock()
  local dropped = network(0.3)
  dropped:fit(train, { epochs = 20, verbose = 0 })
  local r = { members = members, median = members[3],
    vote = accuracy(team:predict(test.x), test), dropout = accuracy(dropped:predict(test.x), test),
    five_seconds = five, dropout_seconds = os.clock() - clock }
  local soft = mlp.Ensemble { models = team.models, voting = "soft" }
  r.mean = accuracy(soft:predict(test.x), test)
  return r
end)

local r = run(mlp.seed())
local function show(name, score, seconds)
  print(("%-28s accuracy %.3f   %.2f s"):format(name, score, seconds))
end
show("one network (median of 5)", r.median, r.five_seconds / 5)
show("dropout 0.3", r.dropout, r.dropout_seconds)
show("five that vote", r.vote, r.five_seconds)
show("mean of five", r.mean, r.five_seconds)
local fig = mlp.plot.figure()
fig:panel(1, 1):scatter({ 1, 1, 1, 1, 1 }, r.members, { label = "one network's cost" })
  :scatter({ 2 }, { r.dropout }, { color = "C0" })
  :scatter({ 3, 4 }, { r.vote, r.mean }, { label = "five networks' cost" })
  :set { xnames = { "five alone", "dropout", "their vote", "their mean" }, xlim = { 0.5, 4.5 },
         ylabel = "accuracy", legend = "best" }
fig:save(mlp.out "ensemble.png")
print("wrote " .. mlp.out "ensemble.png")

mlp.claim { "the vote beats the median member", slide = "S50", expect = "> 0",
  measure = function(seed) return run(seed).vote - run(seed).median end }
mlp.claim { "the mean probability does too", slide = "S50", expect = "> 0",
  measure = function(seed) return run(seed).mean - run(seed).median end }
mlp.claim { "five random starts differ", slide = "S48", expect = "> 0",
  measure = function(seed) return run(seed).members[5] - run(seed).members[1] end }
