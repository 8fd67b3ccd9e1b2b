-- workloads.lua: what is measured, once for all contestants. A request to a contestant is one line,
--   name kind widths activation optimizer batch rows epochs target dropout data
-- and its answer the microseconds of one step (predict: of one call), or "-" where it has no such
-- thing. Data are random numbers, or pictures in a file of NumPy's. Rows are fewer than in a whole
-- epoch where steps are long.

local function deep(layers)
  return "2," .. ("32,"):rep(layers) .. "2"
end

local sgd, momentum, adam = "sgd", "momentum", "adam"

--- name, network, activation, optimizer, batch, rows, epochs, target; what it stands for
local list = {
  { "W1", "train", "2,16,16,2", "relu", sgd, 32, 2000, 100, "classes", 0, "tiny, SGD" },
  { "W2", "train", deep(20), "tanh", adam, 32, 2000, 4, "classes", 0, "twenty layers of 32, Adam" },
  { "W3", "train", "784,128,10", "relu", adam, 32, 19200, 1, "classes", 0, "784-128-10, Adam" },
  { "W4", "train", "784,512,512,10", "relu", adam, 128, 12800, 1, "classes", 0,
    "784-512-512-10, Adam" },
  { "W3p", "train", "784,128,10", "relu", adam, 32, 19200, 1, "classes", 0,
    "W3 with pictures of digits" },
  { "W4p", "train", "784,512,512,10", "relu", adam, 128, 12800, 1, "classes", 0,
    "W4 with pictures of digits" },
  { "W4d", "train", "784,512,512,10", "relu", adam, 128, 12800, 1, "classes", 0.2,
    "W4 with dropout .2" },
  { "W5", "train", "1024,2048,2048,1000", "relu", momentum, 256, 1024, 1, "classes", 0,
    "1024-2048-2048-1000, momentum" },
  { "W6", "train", "10,32,1", "relu", sgd, 1, 10000, 1, "values", 0, "10-32-1, one row a step" },
  { "W7", "predict", "784,128,10", "relu", "-", 1, 1, 500, "classes", 0, "predict one row" },
  { "W7b", "predict", "784,128,10", "relu", "-", 10000, 10000, 2, "classes", 0,
    "predict 10,000 rows" },
}

local M = { pictures = "build/bench.pictures.npy" }
for i, w in ipairs(list) do
  local data = w[1]:find "p$" and M.pictures or "random"
  M[i] = { name = w[1], what = w[11], request = table.concat(w, " ", 1, 10) .. " " .. data,
    kind = w[2],
    steps = w[2] == "train" and math.ceil(w[7] / w[6]) * w[8] or w[8] }
end

--- What else is measured, of ours alone: a request is "NAME other". The first five answer a step
--- of another workload with a change, and without it.
M.others = { "hook", "monitors", "loss", "dropout", "float64", "build", "save", "load", "plot",
  "trial" }

return M
