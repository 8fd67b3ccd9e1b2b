--- Where the time of training goes: for each kind of node of the plan its time, floating-point
--- operations, bytes, and how near that is to what this machine can do.
local check = require "mlp.check"
local core = require "mlp.core"
local settings = require "mlp.settings"

local M = {}

--- @class mlp.Profile
--- @field rows table[] the dearest first: name, pass, calls, seconds, flops, bytes, share
--- @field seconds number of all rows
--- @field peak number floating-point operations a second of this machine, measured
--- @field bandwidth number bytes a second of its cache, measured
local Profile = {}
Profile.__index = Profile

local function least_seconds(f)
  local best = math.huge
  for _ = 1, 20 do
    local start = core.clock()
    f()
    best = math.min(best, core.clock() - start)
  end
  return best
end

--- What the machine can do with so many threads: by a product and a sum that stay in the cache.
local function machine(dtype)
  local mlp = require "mlp"
  local n, many = 256, 1 << 18
  local a, x = mlp.ones(n, n, { dtype = dtype }), mlp.ones(many, { dtype = dtype })
  local bytes = many * (dtype == "float64" and 8 or 4)
  return 2 * n ^ 3 / least_seconds(function() return a:matmul(a) end),
    2 * bytes / least_seconds(function() x:mul_(1) end)
end

local function new(rows, dtype)
  local peak, bandwidth = machine(dtype)
  local self = setmetatable({ rows = rows, seconds = 0, peak = peak, bandwidth = bandwidth },
    Profile)
  for _, r in ipairs(rows) do
    self.seconds = self.seconds + r.seconds
    local product = r.name:find "^dense" or r.name:find "^matmul"
    local limit = product and r.flops / peak or r.bytes / bandwidth
    r.share = r.seconds > 0 and math.min(1, limit / r.seconds) or 0
  end
  table.sort(rows, function(a, b)
    if a.seconds ~= b.seconds then return a.seconds > b.seconds end
    return a.name .. a.pass < b.name .. b.pass
  end)
  return self
end

--- The table as text; so print(profile) shows it.
--- @return string
function Profile:text()
  local out = { ("%-46s %-8s %8s %10s %6s %9s %9s %7s"):format("node", "pass", "calls", "us/call",
    "time", "Mflop", "kB", "limit") }
  for _, r in ipairs(self.rows) do
    out[#out + 1] = ("%-46s %-8s %8d %10.2f %5.1f%% %9.3f %9.1f %6.0f%%"):format(r.name, r.pass,
      r.calls, r.seconds / r.calls * 1e6, r.seconds / math.max(self.seconds, 1e-12) * 100,
      r.flops / r.calls / 1e6, r.bytes / r.calls / 1e3, r.share * 100)
  end
  out[#out + 1] = ("%.3f s in all; limit: share of %.1f GFLOP/s (products) or %.1f GB/s (others)")
    :format(self.seconds, self.peak / 1e9, self.bandwidth / 1e9)
  return table.concat(out, "\n")
end

Profile.__tostring = Profile.text

--- Bars of time, the dearest rows on top; what the machine could do in a darker part.
--- @param options? { most: integer? } rows shown (12)
--- @return mlp.Figure
function Profile:plot(options)
  local plot = require "mlp.plot"
  local most = options and options.most or 12
  local names, time, limit = {}, {}, {}
  for i = math.min(most, #self.rows), 1, -1 do
    local r = self.rows[i]
    names[#names + 1] = r.name .. ", " .. r.pass
    time[#time + 1] = r.seconds / math.max(self.seconds, 1e-12) * 100
    limit[#limit + 1] = time[#time] * r.share
  end
  local figure = plot.figure { width = 9, height = 1.4 + 0.32 * #names }
  local panel = figure:panel(1, 1)
  panel:bars(nil, time, { horizontal = true, label = "measured" })
  panel:bars(nil, limit, { horizontal = true, label = "at the machine's limit", bar_width = 0.4 })
  panel:set { title = "Where the time goes", xlabel = "% of the time", ynames = names,
    legend = true }
  return figure
end

local watched = {} -- models, and each as a key
local counted = {} -- of those: what was counted before the script asked for a profile itself

--- `mlprun --profile`: count what this model does from now on.
function M.watch(model)
  if watched[model] then return end
  watched[model] = true
  watched[#watched + 1] = model
  core.profile_begin(model)
end

--- The rows of both, those of one node and pass added up.
local function merged(rows, more)
  local at = {}
  for _, r in ipairs(rows) do at[r.name .. r.pass] = r end
  for _, r in ipairs(more) do
    local own = at[r.name .. r.pass]
    if not own then
      rows[#rows + 1] = r
    else
      for _, field in ipairs { "calls", "seconds", "flops", "bytes" } do
        own[field] = own[field] + r[field]
      end
    end
  end
  return rows
end

--- What was counted of a watched model, which is no longer counted.
local function take(model) return merged(counted[model] or {}, core.profile_end(model)) end

--- @see mlp.Model.profile
function M.model(model, data, options)
  local o = check.options("profile", options, { batch_size = 32, batches = 100 })
  local batches = check.whole("profile", "batches", o.batches, 1)
  local weights, state = model.built and model:get_weights(), core.model_take_state(model)
  local done = 0
  if settings.profile then M.watch(model) end
  if watched[model] then counted[model] = take(model) end
  core.profile_begin(model)
  local ok, e = pcall(model.fit, model, data, { epochs = batches, batch_size = o.batch_size,
    verbose = 0, callbacks = { require("mlp.callbacks").Lambda { on_batch_end = function()
      done = done + 1
      if done == batches then model:stop_training() end
    end } } })
  local rows = core.profile_end(model)
  if watched[model] then core.profile_begin(model) end
  core.model_give_state(model, state)
  if weights then model:set_weights(weights) end
  if not ok then error(e, 0) end
  return new(rows, model.dtype)
end

--- The tables of all models that were watched, and a PNG of each, at the end of the script.
function M.report()
  local mlp = require "mlp"
  for i, model in ipairs(watched) do
    local profile = new(take(model), model.dtype)
    io.stderr:write(profile:text(), "\n")
    local path = mlp.out(i == 1 and "profile.png" or ("profile-%d.png"):format(i))
    profile:plot():save(path)
    io.stderr:write(path, "\n")
  end
  watched, counted = {}, {}
end

return M
