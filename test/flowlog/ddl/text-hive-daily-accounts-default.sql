CREATE EXTERNAL TABLE IF NOT EXISTS `network`.`vpc_flow_logs` (
  `version` int,
  `account_id` string,
  `interface_id` string,
  `srcaddr` string,
  `dstaddr` string,
  `srcport` int,
  `dstport` int,
  `protocol` int,
  `packets` bigint,
  `bytes` bigint,
  `start` bigint,
  `end` bigint,
  `action` string,
  `log_status` string
)
PARTITIONED BY (
  `log_account` string,
  `log_region` string,
  `log_year` string,
  `log_month` string,
  `log_day` string
)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
STORED AS TEXTFILE
LOCATION 's3://my-logs/closed/AWSLogs/'
TBLPROPERTIES (
  'skip.header.line.count'='1',
  'projection.enabled'='true',
  'projection.log_account.type'='enum',
  'projection.log_account.values'='123456789012,210987654321',
  'projection.log_region.type'='enum',
  'projection.log_region.values'='ap-northeast-1',
  'projection.log_year.type'='date',
  'projection.log_year.format'='yyyy',
  'projection.log_year.range'='2026,NOW',
  'projection.log_year.interval'='1',
  'projection.log_year.interval.unit'='YEARS',
  'projection.log_month.type'='integer',
  'projection.log_month.range'='01,12',
  'projection.log_month.digits'='2',
  'projection.log_day.type'='integer',
  'projection.log_day.range'='01,31',
  'projection.log_day.digits'='2',
  'storage.location.template'='s3://my-logs/closed/AWSLogs/aws-account-id=${log_account}/aws-service=vpcflowlogs/aws-region=${log_region}/year=${log_year}/month=${log_month}/day=${log_day}/'
);
