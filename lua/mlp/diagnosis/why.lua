--- model:why(): what went wrong in a fit, by evidence. Each cause is a file of
--- lua/mlp/diagnosis/cause/: { name, rank, remedy, judge(evidence) }; judge returns a strength from
--- 0 to 1, or nothing, what was seen, and another rank where it is rather an effect. Causes of low
--- rank bring about those of higher rank.
local check = require "mlp.check"
local core = require "mlp.core"
local evidence = require "mlp.diagnosis.evidence"
local record = require "mlp.diagnosis.record"

local M = {}

--- @class mlp.Finding
--- @field cause string
--- @field strength number  0 to 1
--- @field evidence string
--- @field remedy string

--- @class mlp.Diagnosis
--- @field [integer] mlp.Finding  the likeliest first
--- @field train number  loss on training rows: 0 perfect, 1 no better than a constant
--- @field validation number?
--- @field reference number  what a plain network got on rows that it did not see
local Diagnosis = { __name = "mlp.Diagnosis" }
Diagnosis.__index = Diagnosis

local function number(v) return v and ("%.2f"):format(v) or "none" end

--- The findings, a paragraph each.
function Diagnosis:__tostring()
  local lines = {}
  for i, f in ipairs(self) do
    lines[#lines + 1] = ("%d. %s (%.2f)"):format(i, f.cause, f.strength)
    lines[#lines + 1] = "   seen: " .. f.evidence
    lines[#lines + 1] = "   try: " .. f.remedy
  end
  if #self == 0 then lines[1] = "nothing wrong was found" end
  local text = "loss (1: of a constant): training %s, validation %s, a plain network %s"
  lines[#lines + 1] = text:format(number(self.train), number(self.validation),
    number(self.reference))
  return table.concat(lines, "\n")
end

local causes

local function all_causes()
  if causes then return causes end
  causes = {}
  for chunk in pairs(core.sources()) do
    local name = chunk:match "^@mlp/diagnosis/cause/([%w_]+)%.lua$"
    if name then causes[#causes + 1] = require("mlp.diagnosis.cause." .. name) end
  end
  -- underfitting is what is left, and so is judged last
  table.sort(causes, function(a, b)
    return (a.last and 100 or a.rank) < (b.last and 100 or b.rank)
  end)
  return causes
end

--- @see mlp.Model.why
function M.why(model)
  local last = record.last(model)
  if not last then
    check.raise("state", "why: expected a model that was trained by fit; call model:fit first")
  end
  if not last.single then
    check.raise("argument", "why: expected a model with one input and one output")
  end
  if not record.first_weights(model, last) then
    check.raise("state", "why: of models as large as this one (%d weights) the weights before fit "
      .. "are not kept; call why after the first fit of a new model", model:count())
  end
  local e = evidence.gather(model, last)
  local found = setmetatable({ train = e.train, validation = e.validation,
    reference = e.reference }, Diagnosis)
  for _, cause in ipairs(all_causes()) do
    e.found = found -- a later cause may be explained by an earlier one
    local strength, seen, rank = cause.judge(e)
    if strength and strength >= 0.5 then
      found[#found + 1] = { cause = cause.name, strength = strength, evidence = seen,
        remedy = cause.remedy, rank = rank or cause.rank, explains = cause.explains }
    end
  end
  table.sort(found, function(a, b) return a.rank < b.rank end)
  return found
end

return M
