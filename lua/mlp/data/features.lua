--- Columns made of others: polynomials, and the features of the TensorFlow Playground.
local core = require "mlp.core"
local check = require "mlp.check"
local transform = require "mlp.data.transform"

local M = {}

--- One term: "x1", "x1^2", "x1*x2", "sin(x1)", "cos(x2)".
local function parse_term(text)
  local s = tostring(text):gsub("%s", "")
  local i = s:match "^x(%d+)$"
  if i then return { "copy", tonumber(i), 1 } end
  i = s:match "^x(%d+)%^2$"
  if i then return { "product", tonumber(i), tonumber(i) } end
  local a, b = s:match "^x(%d+)%*?x(%d+)$"
  if a then return { "product", tonumber(a), tonumber(b) } end
  local f
  f, i = s:match "^(%l+)%(x(%d+)%)$"
  if f == "sin" or f == "cos" then return { f, tonumber(i), 1 } end
  check.raise("argument",
    "features: expected terms like x1, x1^2, x1*x2, sin(x1), cos(x1); got '%s'", tostring(text))
end

local function parse(terms)
  local parsed = {}
  for i, text in ipairs(terms) do parsed[i] = parse_term(text) end
  return parsed
end

--- The terms that the Playground offers.
local PLAYGROUND <const> = { "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)" }

--- A dataset whose columns are terms of the old ones.
--- Source: TensorFlow Playground, src/state.ts.
--- @param data mlp.Dataset
--- @param terms? string[]  x1, x1^2, x1*x2, sin(x1), cos(x1)...; preset the Playground's seven
--- @return mlp.Dataset
--- @usage mlp.data.features(train, { "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)" })
function M.features(data, terms)
  terms = terms or PLAYGROUND
  return core.dataset(core.feature_columns(data.x, parse(terms)), data.y, data.n_classes,
    { name = data.name, class_names = data.class_names, feature_names = terms })
end

local Terms = transform.define("Features", {
  presets = { terms = PLAYGROUND },
  init = function(self) parse(self.options.terms) end,
  fit = function() return { fitted = true } end,
  apply = function(self, x) return core.feature_columns(x, parse(self.options.terms)) end,
  names = function(self) return self.options.terms end,
})

--- mlp.data.features as a transform, for pipelines.
--- @param options? table  terms: as mlp.data.features
--- @return mlp.Transform
function M.Features(options) return Terms(options) end

--- The products of a polynomial: lists of columns, by degree, then as a number counts up.
local function products(n, low, high, distinct)
  local list = {}
  local function extend(product, left)
    if left == 0 then
      list[#list + 1] = product
      return
    end
    local last = product[#product]
    for c = last and (distinct and last + 1 or last) or 1, n do
      local longer = table.move(product, 1, #product, 1, {})
      longer[#longer + 1] = c
      extend(longer, left - 1)
    end
  end
  for degree = low, high do extend({}, degree) end
  return list
end

local function polynomial_of(self, n)
  local o = self.options
  return products(n, o.include_bias and 0 or 1, o.degree, o.interaction_only)
end

--- Each product is a shorter one times a column.
local function polynomial(self, x)
  local n, columns, made, one = x.shape[1], {}, {}, nil
  for i, product in ipairs(polynomial_of(self, x.shape[2])) do
    local shorter = made[table.concat(product, " ", 1, #product - 1)]
    local last = product[#product] and x:select(2, product[#product])
    if not last then
      one = one or core.ones(n, { dtype = x.dtype })
      columns[i] = one
    else
      columns[i] = shorter and #product > 1 and shorter * last or last
    end
    made[table.concat(product, " ")] = columns[i]
    columns[i] = columns[i]:reshape(n, 1)
  end
  return core.concat(columns, 2)
end

--- "x1^2 x3" of { 1, 1, 3 }.
local function product_name(product, names)
  local parts, i = {}, 1
  while product[i] do
    local power = 1
    while product[i + power] == product[i] do power = power + 1 end
    local name = names[product[i]]
    parts[#parts + 1] = power > 1 and ("%s^%d"):format(name, power) or name
    i = i + power
  end
  return #parts > 0 and table.concat(parts, " ") or "1"
end

local Polynomial = transform.define("PolynomialFeatures", {
  first = "degree",
  presets = { degree = 2, interaction_only = false, include_bias = true },
  init = function(self)
    self.options.degree = check.whole("PolynomialFeatures", "degree", self.options.degree, 0)
  end,
  fit = function() return { fitted = true } end,
  apply = polynomial,
  names = function(self, names)
    local list = {}
    for i, product in ipairs(polynomial_of(self, #names)) do
      list[i] = product_name(product, names)
    end
    return list
  end,
})

--- All products of up to `degree` columns: 1, x1, x2, x1^2, x1 x2, x2^2.
--- Source: scikit-learn, PolynomialFeatures.
--- @param options? table  degree 2, interaction_only false (no powers), include_bias true (the 1)
--- @return mlp.Transform
function M.PolynomialFeatures(options) return Polynomial(options) end

return M
