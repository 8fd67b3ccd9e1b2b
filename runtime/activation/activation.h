/*
** activation.h - level 5: activation functions, one file each.
** A file <name>.c defines one 'const mlp_Activation mlp_activation_<name>';
** it is compiled once per variant (kernel.h). The elementwise ones are made
** by elementwise.h, the ones over rows by rowwise.h. The contract is in
** op/activate.h, since the op that applies them comes first.
*/
#ifndef activation_h
#define activation_h

#include "op/activate.h"
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

#endif
