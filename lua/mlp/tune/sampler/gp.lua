--- Bayesian search: a Gaussian process says what to expect where, and the next trial is where most
--- improvement is to be expected. Trials that run count as what the process expects of them, so
--- that workers look elsewhere.
---
--- Values worse than the median are brought nearer by a logarithm: a training that diverged must
--- not flatten the difference between good ones. A power takes out the skewness that is left.
---
--- Matern 5/2 kernel with a length for each hyper-parameter, unordered choices as one coordinate a
--- choice, noise; a mean by generalised least squares; the kernel is fitted anew at set numbers of
--- trials, from those before alone.
--- Source: Snoek, Larochelle & Adams 2012, arXiv:1206.2944; Ament et al. 2023, arXiv:2310.20708;
--- Yeo & Johnson 2000, Biometrika 87.
local core = require "mlp.core"
local check = require "mlp.check"
local base = require "mlp.tune.sampler.base"
local model = require "mlp.tune.sampler.model"
local sobol = require "mlp.tune.sampler.sobol"

local Bayesian = base.class { name = "bayesian", uses_values = true }

local POINTS <const> = 16 -- that are proposed, best first, where the first was tried already

--- Trials that count and are visible, which the process has not seen. In the order of their
--- numbers where the view is one that must not depend on speed.
local function catch_up(self, view, names, value_of)
  local h = view.history
  local function take(i)
    local value = value_of(i)
    if value then self.gp:add(model.places(h, names, i), value) end
  end
  if view.upto then
    while self.next_number < view.upto do
      take(h.at[self.next_number])
      self.next_number = self.next_number + 1
    end
    return
  end
  for i = self.taken + 1, h.n do take(i) end
  self.taken = h.n
end

local function begin(self, axes, signature)
  self.gp = core.gp(axes)
  self.signature, self.taken, self.next_number = signature, 0, 0
  self.values = model.values()
end

--- The process with all that the view shows.
function Bayesian:update(view, names, axes)
  local several = view.study.several
  local signature = model.signature(view.space, names)
  if several or signature ~= self.signature then begin(self, axes, signature) end
  local scalar = several and model.scalariser(view)
  catch_up(self, view, names, function(i)
    if not several then return self.values:of(view.history, i) end
    return view.history.value[i] and scalar(i)
  end)
  for _, plan in ipairs(view.pending) do
    self.gp:imagine(model.plan_places(view.space, names, plan))
  end
end

local function complete(view)
  local n = 0
  for i = 1, view.history.n do
    if view.history.state[i] ~= "FAIL" and view.visible(i) then n = n + 1 end
  end
  return n
end

function Bayesian:plan(view)
  local names, axes = model.axes(view.space)
  if #names == 0 or #names > 60 or view.number < self.startup or complete(view) < 3 then
    return self.first:plan(view)
  end
  self:update(view, names, axes)
  local points = self.gp:search(view.seed, view.number, POINTS, not view.duplicates)
  self.gp:forget()
  return base.distinct(view, function(attempt)
    local places = points[attempt + 1]
    return places and model.plan(view.space, names, places) or base.uniform(view, attempt)
  end)
end

--- Mean, deviation and log of the expected improvement at a plan, as the sampler saw them last; for
--- plots.
function Bayesian:expect(space, plan)
  if not self.gp then return nil end
  return self.gp:predict(model.plan_places(space, (model.axes(space)), plan))
end

--- @param o? table  startup 4: trials of a Sobol' sequence before the process is asked
return function(o)
  o = check.options("BayesianSampler", o, { startup = 4 })
  return setmetatable({ startup = check.whole("BayesianSampler", "startup", o.startup, 1),
    first = sobol() }, Bayesian)
end
