#include "DataModels.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char tr_098[] = {
#embed "tr-098-1-8-0.xml"
};

static const unsigned char tr_181_cwmp[] = {
#embed "tr-181-2-19-1-cwmp.xml"
};

static const unsigned char tr_181_usp[] = {
#embed "tr-181-2-19-1-usp.xml"
};

static const struct data_model models[] = {
    {"tr-098-1-8-0.xml", tr_098, sizeof tr_098},
    {"tr-181-2-19-1-cwmp.xml", tr_181_cwmp, sizeof tr_181_cwmp},
    {"tr-181-2-19-1-usp.xml", tr_181_usp, sizeof tr_181_usp},
};

size_t data_model_count(void) { return sizeof models / sizeof models[0]; }

struct data_model data_model_at(size_t index) { return models[index]; }
