--- How rows are dealt to folds: KFold and its kin, under scikit-learn's names, with its presets
--- and, for the same random_state, its folds. Row numbers count from 1.
local core = require "mlp.core"
local check = require "mlp.check"
local random_state = require "mlp.selection.random_state"

local M = {}

--- @class mlp.Splitter
--- @field kind string
local Splitter = {}
Splitter.__index = Splitter

--
-- What is to be split
--

local function is_dataset(v) return getmetatable(v) == "mlp.Dataset" end

local function list_of(v)
  if core.is_tensor(v) then return v:reshape(v:numel()):totable() end
  return v
end

--- How many rows: of a dataset, a tensor, a list, { x =, y = }, or the number itself.
local function count(who, data)
  if math.type(data) == "integer" and data > 0 then return data end
  if is_dataset(data) then return #data end
  if type(data) == "table" and data.x ~= nil then data = data.x end
  if core.is_tensor(data) and data.ndim > 0 then return data.shape[1] end
  if type(data) == "table" and #data > 0 then return #data end
  check.raise("argument", "%s:split: argument 1 'data': expected a dataset, a tensor, a list or "
    .. "the number of rows, got %s", who, check.what(data))
end

--- The classes of the rows, as a list.
local function classes_of(who, data)
  local y
  if is_dataset(data) then
    y = data.n_classes > 0 and data.y
  elseif type(data) == "table" then
    y = data.x ~= nil and data.y or data.x == nil and data
  elseif core.is_tensor(data) and data.ndim == 1 then
    y = data
  end
  if not y then
    check.raise("argument", "%s:split: argument 1 'data': expected rows with classes, got %s; "
      .. "values have no classes to keep in proportion, use KFold", who, check.what(data))
  end
  return list_of(y)
end

local function groups_of(who, groups, n)
  if groups == nil then
    check.raise("argument", "%s:split: argument 2 'groups': expected a group for each "
      .. "row, got none",
      who)
  end
  groups = list_of(groups)
  if type(groups) ~= "table" or #groups ~= n then
    check.raise("argument", "%s:split: argument 2 'groups': expected a list of %d, got %s", who, n,
      type(groups) == "table" and #groups or check.what(groups))
  end
  return groups
end

--- The distinct values in order, and the number of each row's; in order of value, or `as_met`.
local function distinct(list, as_met)
  local values, number, of = {}, {}, {}
  for _, v in ipairs(list) do
    if not number[v] then
      values[#values + 1] = v
      number[v] = #values
    end
  end
  if not as_met then
    table.sort(values)
    for i, v in ipairs(values) do number[v] = i end
  end
  for i, v in ipairs(list) do of[i] = number[v] end
  return values, of
end

--
-- From folds to row numbers
--

--- An iterator over the folds 1 to k, where row i is tested in fold `fold_of[i]`.
local function by_fold(fold_of, k)
  local fold = 0
  return function()
    if fold == k then return nil end
    fold = fold + 1
    local train, test = {}, {}
    for i, f in ipairs(fold_of) do
      local part = f == fold and test or train
      part[#part + 1] = i
    end
    return train, test
  end
end

local function check_splits(who, k, n, what)
  if k > n then
    check.raise("argument", "%s: option 'n_splits': expected at most the %d %s, got %d", who, n,
      what,
      k)
  end
end

--- fold_of where `order` is cut in k parts, the first n % k of them one larger.
local function cut(order, k)
  local fold_of, n, at = {}, #order, 0
  for fold = 1, k do
    for _ = 1, n // k + (fold <= n % k and 1 or 0) do
      at = at + 1
      fold_of[order[at]] = fold
    end
  end
  return fold_of
end

local function in_order(n)
  local order = {}
  for i = 1, n do order[i] = i end
  return order
end

local split = {} -- by kind: function (self, data, groups) -> iterator

function split.KFold(self, data)
  local n = count("KFold", data)
  check_splits("KFold", self.n_splits, n, "rows")
  local order = in_order(n)
  if self.shuffle then random_state.new("KFold", self.random_state):shuffle(order) end
  return by_fold(cut(order, self.n_splits), self.n_splits)
end

--- How many rows of each class each fold gets: rows in order of class are dealt like cards.
local function allocate(sizes, k)
  local dealt, at = {}, 0
  for class, size in ipairs(sizes) do
    dealt[class] = {}
    for fold = 1, k do dealt[class][fold] = 0 end
    for _ = 1, size do
      local fold = at % k + 1
      dealt[class][fold] = dealt[class][fold] + 1
      at = at + 1
    end
  end
  return dealt
end

--- The folds of one class's rows, in order: 1 1 1 2 2 3 3.
local function fold_list(dealt)
  local list = {}
  for fold, n in ipairs(dealt) do
    for _ = 1, n do list[#list + 1] = fold end
  end
  return list
end

local function check_class_sizes(who, sizes, k)
  local least, most = math.huge, 0
  for _, n in ipairs(sizes) do least, most = math.min(least, n), math.max(most, n) end
  check_splits(who, k, most, "rows of the largest class")
  if k > least then
    core.warn(("%s: the smallest class has %d rows, fewer than n_splits = %d"):format(who, least,
      k))
  end
end

function split.StratifiedKFold(self, data)
  local k = self.n_splits
  local names, class_of = distinct(classes_of("StratifiedKFold", data), true)
  local sizes = {}
  for class = 1, #names do sizes[class] = 0 end
  for _, class in ipairs(class_of) do sizes[class] = sizes[class] + 1 end
  check_class_sizes("StratifiedKFold", sizes, k)
  local random = self.shuffle and random_state.new("StratifiedKFold", self.random_state)
  local folds, used, fold_of = {}, {}, {}
  for class, dealt in ipairs(allocate(sizes, k)) do
    folds[class], used[class] = fold_list(dealt), 0
    if random then random:shuffle(folds[class]) end
  end
  for i, class in ipairs(class_of) do
    used[class] = used[class] + 1
    fold_of[i] = folds[class][used[class]]
  end
  return by_fold(fold_of, k)
end

--- The numbers of the groups from the largest to the smallest; of equal ones the last first.
local function by_size(sizes)
  local order = in_order(#sizes)
  table.sort(order, function(a, b)
    if sizes[a] ~= sizes[b] then return sizes[a] > sizes[b] end
    return a > b
  end)
  return order
end

--- The fold of each group: each goes to the fold that has the fewest rows so far.
local function balance(sizes, k)
  local filled, fold_of_group = {}, {}
  for fold = 1, k do filled[fold] = 0 end
  for _, group in ipairs(by_size(sizes)) do
    local lightest = 1
    for fold = 2, k do
      if filled[fold] < filled[lightest] then lightest = fold end
    end
    filled[lightest] = filled[lightest] + sizes[group]
    fold_of_group[group] = lightest
  end
  return fold_of_group
end

function split.GroupKFold(self, data, groups)
  local k = self.n_splits
  local names, group_of = distinct(groups_of("GroupKFold", groups, count("GroupKFold", data)))
  check_splits("GroupKFold", k, #names, "groups")
  local fold_of_group
  if self.shuffle then
    fold_of_group = cut(random_state.new("GroupKFold", self.random_state):permutation(#names), k)
  else
    local sizes = {}
    for group = 1, #names do sizes[group] = 0 end
    for _, group in ipairs(group_of) do sizes[group] = sizes[group] + 1 end
    fold_of_group = balance(sizes, k)
  end
  local fold_of = {}
  for i, group in ipairs(group_of) do fold_of[i] = fold_of_group[group] end
  return by_fold(fold_of, k)
end

--- One splitter after the other, all shuffled with the same random numbers.
local function repeated(who, inner)
  return function(self, data)
    local random, done, next_fold = random_state.new(who, self.random_state), 0, nil
    return function()
      local train, test
      if next_fold then train, test = next_fold() end
      if not train and done < self.n_repeats then
        done = done + 1
        next_fold = split[inner]({ n_splits = self.n_splits, shuffle = true,
          random_state = random },
          data)
        train, test = next_fold()
      end
      return train, test
    end
  end
end

split.RepeatedKFold = repeated("RepeatedKFold", "KFold")
split.RepeatedStratifiedKFold = repeated("RepeatedStratifiedKFold", "StratifiedKFold")

--- How many of n rows an option of ShuffleSplit means: a share, or the number itself.
local function part_size(name, v, n, round)
  if v == nil then return nil end
  local share = math.type(v) == "float" and v > 0 and v < 1
  if not share and not (math.type(v) == "integer" and v > 0 and v < n) then
    check.raise("argument", "ShuffleSplit: option '%s': expected a share between 0 and 1, or fewer "
      .. "than the %d rows, got %s", name, n, check.what(v))
  end
  return share and math.tointeger(round(v * n)) or v
end

local function part_sizes(self, n)
  local test = part_size("test_size", self.test_size, n, math.ceil)
  local train = part_size("train_size", self.train_size, n, math.floor)
  if not test then test = train and n - train or math.ceil(0.1 * n) end
  train = train or n - test
  if train + test > n or train < 1 or test < 1 then
    check.raise("argument", "ShuffleSplit: expected train and test of at least one row each that "
      .. "together have at most %d, got %d and %d", n, train, test)
  end
  return train, test
end

function split.ShuffleSplit(self, data)
  local n = count("ShuffleSplit", data)
  local n_train, n_test = part_sizes(self, n)
  local random, done = random_state.new("ShuffleSplit", self.random_state), 0
  return function()
    if done == self.n_splits then return nil end
    done = done + 1
    local order = random:permutation(n)
    return table.move(order, n_test + 1, n_test + n_train, 1, {}), table.move(order, 1, n_test, 1,
      {})
  end
end

local function range(from, to)
  local list = {}
  for i = from, to do list[#list + 1] = i end
  return list
end

function split.TimeSeriesSplit(self, data)
  local n, k = count("TimeSeriesSplit", data), self.n_splits
  local size = self.test_size or n // (k + 1)
  local done, most = 0, self.max_train_size or n
  if k + 1 > n or n - self.gap - size * k <= 0 then
    check.raise("argument", "TimeSeriesSplit: expected rows to train on before %d tests of %d rows "
      .. "and a gap of %d, got %d rows in all", k, size, self.gap, n)
  end
  return function()
    if done == k then return nil end
    local test = n - (k - done) * size + 1
    done = done + 1
    local last = test - 1 - self.gap
    return range(math.max(1, last - most + 1), last), range(test, test + size - 1)
  end
end

function split.LeaveOneOut(_, data)
  local n = count("LeaveOneOut", data)
  if n < 2 then check.raise("argument", "LeaveOneOut: expected at least 2 rows, got %d", n) end
  return by_fold(in_order(n), n)
end

function split.LeaveOneGroupOut(_, data, groups)
  local who = "LeaveOneGroupOut"
  local names, group_of = distinct(groups_of(who, groups, count(who, data)))
  if #names < 2 then check.raise("argument", "%s: expected at least 2 groups, got %d", who,
    #names) end
  return by_fold(group_of, #names)
end

--
-- The splitters
--

--- The folds, one after the other: `for train, test in cv:split(data) do`, lists of row numbers.
--- @param data mlp.Dataset|mlp.Tensor|table|integer  StratifiedKFold needs classes: a dataset, or
---   the list of them
--- @param groups? any[]|mlp.Tensor  a group (number or text) for each row; for GroupKFold,
---   LeaveOneGroupOut
--- @return fun(): integer[], integer[]
function Splitter:split(data, groups) return split[self.kind](self, data, groups) end

--- The folds as datasets: `for fold, train, test in cv:folds(data) do`, fold from 1.
--- @param data mlp.Dataset
--- @param groups? any[]|mlp.Tensor
function Splitter:folds(data, groups)
  local next_fold, fold = self:split(data, groups), 0
  return function()
    local train, test = next_fold()
    if not train then return nil end
    fold = fold + 1
    return fold, data:take(train), data:take(test)
  end
end

--- How many folds there will be. LeaveOneOut and LeaveOneGroupOut must see the data.
--- @param data? mlp.Dataset|mlp.Tensor|table|integer
--- @param groups? any[]|mlp.Tensor
--- @return integer
function Splitter:get_n_splits(data, groups)
  if self.kind == "LeaveOneOut" then return count(self.kind, data) end
  if self.kind == "LeaveOneGroupOut" then
    return #(distinct(groups_of(self.kind, groups, #(groups or {}))))
  end
  return self.n_splits * (self.n_repeats or 1)
end

function Splitter:__tostring()
  local parts = {}
  for _, name in ipairs { "n_splits", "n_repeats", "shuffle", "random_state", "test_size",
    "train_size", "max_train_size", "gap" } do
    if self[name] ~= nil then parts[#parts + 1] = ("%s = %s"):format(name, tostring(self[name])) end
  end
  return ("%s { %s }"):format(self.kind, table.concat(parts, ", "))
end

local function splitter(kind, options, presets, least)
  if math.type(options) == "integer" and presets.n_splits then options = { n_splits = options } end
  local self = check.options(kind, options, presets)
  for name in pairs { n_splits = 1, n_repeats = 1, max_train_size = 1, gap = 1 } do
    if self[name] ~= nil then
      local low = name == "n_splits" and (least or 2) or name == "gap" and 0 or 1
      self[name] = check.whole(kind, name, self[name], low)
    end
  end
  if self.random_state ~= nil then
    random_state.new(kind, self.random_state)
    if self.shuffle == false then
      check.raise("argument", "%s: option 'random_state': it has no effect without shuffle = true",
        kind)
    end
  end
  self.kind = kind
  return setmetatable(self, Splitter)
end

--- Is it one of the splitters of mlp.model_selection?
function M.is_splitter(v) return getmetatable(v) == Splitter end

local Folds = {}
M.kinds = Folds

local none <const> = check.none

--- n_splits parts of the rows in order, or shuffled; each is the test once. The first n % n_splits
--- parts have one row more.
--- Source: scikit-learn, KFold.
--- @param options? table  n_splits 5, shuffle false, random_state (the run's seed)
--- @return mlp.Splitter
--- @usage for train, test in mlp.model_selection.KFold { n_splits = 5 }:split(data) do ... end
function Folds.KFold(options)
  return splitter("KFold", options, { n_splits = 5, shuffle = false, random_state = none })
end

--- KFold in which each part has the classes in the proportion of the whole.
--- Source: scikit-learn, StratifiedKFold.
--- @param options? table  n_splits 5, shuffle false, random_state (the run's seed)
--- @return mlp.Splitter
function Folds.StratifiedKFold(options)
  return splitter("StratifiedKFold", options,
    { n_splits = 5, shuffle = false, random_state = none })
end

--- KFold that keeps the rows of a group together: no group is in training and test. Large groups
--- are dealt first, each to the part with the fewest rows.
--- Source: scikit-learn, GroupKFold.
--- @param options? table  n_splits 5, shuffle false, random_state (the run's seed)
--- @return mlp.Splitter
function Folds.GroupKFold(options)
  return splitter("GroupKFold", options, { n_splits = 5, shuffle = false, random_state = none })
end

--- KFold n_repeats times, each with another shuffle.
--- Source: scikit-learn, RepeatedKFold.
--- @param options? table  n_splits 5, n_repeats 10, random_state (the run's seed)
--- @return mlp.Splitter
function Folds.RepeatedKFold(options)
  return splitter("RepeatedKFold", options, { n_splits = 5, n_repeats = 10, random_state = none })
end

--- StratifiedKFold n_repeats times, each with another shuffle.
--- Source: scikit-learn, RepeatedStratifiedKFold.
--- @param options? table  n_splits 5, n_repeats 10, random_state (the run's seed)
--- @return mlp.Splitter
function Folds.RepeatedStratifiedKFold(options)
  return splitter("RepeatedStratifiedKFold", options,
    { n_splits = 5, n_repeats = 10, random_state = none })
end

--- n_splits independent shuffles, each cut in training and test; a row may be tested in several.
--- Source: scikit-learn, ShuffleSplit.
--- @param options? table  n_splits 10, test_size (a share, rounded up, or a number of rows; 0.1),
---   train_size (the rest), random_state (the run's seed)
--- @return mlp.Splitter
function Folds.ShuffleSplit(options)
  return splitter("ShuffleSplit", options,
    { n_splits = 10, test_size = none, train_size = none, random_state = none }, 1)
end

--- Tests that always lie behind what is trained on: fold i trains on the rows before its test.
--- Source: scikit-learn, TimeSeriesSplit.
--- @param options? table  n_splits 5, max_train_size (no limit), test_size (n // (n_splits + 1)
---   rows), gap 0 (rows left out before each test)
--- @return mlp.Splitter
function Folds.TimeSeriesSplit(options)
  local self = splitter("TimeSeriesSplit", options,
    { n_splits = 5, max_train_size = none, test_size = none, gap = 0 })
  if self.test_size then
    self.test_size = check.whole("TimeSeriesSplit", "test_size", self.test_size, 1)
  end
  return self
end

--- Each row is the test once.
--- Source: scikit-learn, LeaveOneOut.
--- @return mlp.Splitter
function Folds.LeaveOneOut(options) return splitter("LeaveOneOut", options, {}) end

--- Each group is the test once, in the order of the groups' names.
--- Source: scikit-learn, LeaveOneGroupOut.
--- @return mlp.Splitter
function Folds.LeaveOneGroupOut(options) return splitter("LeaveOneGroupOut", options, {}) end

return M
