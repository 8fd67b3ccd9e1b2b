--- The random numbers that scikit-learn deals rows with, so that a `random_state` gives its folds:
--- numpy.random.RandomState, that is MT19937 and NumPy's shuffle.
--- Source: Matsumoto & Nishimura 1998, ACM TOMACS 8(1); NumPy, mtrand.pyx, legacy seeding.
local core = require "mlp.core"
local check = require "mlp.check"

local M = {}

local N <const>, MIDDLE <const>, WORD <const> = 624, 397, 0xffffffff

--- @class mlp.RandomState
local State = {}
State.__index = State

local function twist(upper, lower)
  local y = (upper & 0x80000000) | (lower & 0x7fffffff)
  return (y >> 1) ~ ((y & 1) * 0x9908b0df)
end

local function renew(key)
  for i = 0, N - 1 do
    key[i] = key[(i + MIDDLE) % N] ~ twist(key[i], key[(i + 1) % N])
  end
end

--- The next 32 bits.
function State:word()
  if self.at == N then
    renew(self.key)
    self.at = 0
  end
  local y = self.key[self.at]
  self.at = self.at + 1
  y = y ~ (y >> 11)
  y = y ~ ((y << 7) & 0x9d2c5680)
  y = y ~ ((y << 15) & 0xefc60000)
  return y ~ (y >> 18)
end

--- A whole number from 0 to most: words are masked, and drawn again while they are too large.
function State:below(most)
  local mask = most
  for _, shift in ipairs { 1, 2, 4, 8, 16 } do mask = mask | (mask >> shift) end
  local value
  repeat value = self:word() & mask until value <= most
  return value
end

--- Shuffle a list in place.
function State:shuffle(list)
  for i = #list, 2, -1 do
    local j = self:below(i - 1) + 1
    list[i], list[j] = list[j], list[i]
  end
  return list
end

--- The numbers 1 to n, shuffled.
function State:permutation(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return self:shuffle(list)
end

local function seeded(seed)
  local key = {}
  for i = 0, N - 1 do
    key[i] = seed
    seed = (1812433253 * (seed ~ (seed >> 30)) + i + 1) & WORD
  end
  return setmetatable({ key = key, at = N }, State)
end

--- The generator that an option random_state means: a seed from 0 to 2^32 - 1; nil: the run's.
--- @param who string  what the message names
--- @param seed integer?
--- @return mlp.RandomState
function M.new(who, seed)
  if getmetatable(seed) == State then return seed end
  if seed == nil then
    seed = core.seed() & WORD
  elseif math.type(seed) ~= "integer" or seed < 0 or seed > WORD then
    check.raise("argument", "%s: option 'random_state': expected a whole number from "
      .. "0 to %d, got %s",
      who, WORD, tostring(seed))
  end
  return seeded(seed)
end

return M
