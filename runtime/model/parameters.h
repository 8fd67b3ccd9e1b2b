/*
** parameters.h - one tensor as all the weights of a model without a graph, so
** that any optimizer steps over it: clipping, decay, schedule, average.
*/
#ifndef parameters_h
#define parameters_h

#include "model/model.h"

/* The weight is a copy of x (float32 or float64). */
mlp_Status mlpi_parameters_new (mlp_Runtime *rt, const mlp_Tensor *x,
                                mlp_Object *optimizer, mlp_Model **out);

/* The gradient for the next step, or at the weight that a search looks at: of
** x's shape and type. Then mlpi_model_step (not scaled) or mlpi_model_descend.
*/
mlp_Status mlpi_parameters_give (mlp_Model *m, const mlp_Tensor *gradient);

#endif
